import { type AuditContext } from '../common/audit';
import { type AuditSink } from './audit-sink';
import { hashClientId } from './hash-client-id';
import { type LogUpkeep } from './log-upkeep';

/** Whom to hold or to release. */
export interface HoldOrder {
  readonly kind: 'hold' | 'release';
  readonly clientId: string;
  /** Words for the audit trail, such as the number of a case; nothing personal. */
  readonly reason: string;
  readonly upkeep: LogUpkeep;
  readonly audit: Pick<AuditSink, 'append'>;
  readonly context: AuditContext;
}

/**
 * Sets or releases a legal hold. The audit record comes first when a hold ends and last when one begins: whatever
 * fails between the two, no hold ends without a record.
 *
 * @returns false when it was so already
 * @throws {UpkeepTakenError} an erasure or retention is under way
 */
export function changeLegalHold({
  kind,
  clientId,
  reason,
  upkeep,
  audit,
  context,
}: HoldOrder): Promise<boolean> {
  return upkeep.exclusively(async (session) => {
    const isHeld = (await session.readHolds()).includes(clientId);
    if (isHeld === (kind === 'hold')) return false;
    const record = (): Promise<unknown> =>
      audit.append({
        audit: {
          action: kind === 'hold' ? 'legal-hold-set' : 'legal-hold-released',
          subject: hashClientId(clientId),
          outcome: 'done',
          from: context.from ?? '',
          details: { reason },
        },
        caller: context.caller,
      });
    if (kind === 'release') await record();
    await (kind === 'hold' ? session.hold(clientId) : session.release(clientId));
    if (kind === 'hold') await record();
    return true;
  });
}
