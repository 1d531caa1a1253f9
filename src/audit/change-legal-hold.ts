import { type AuditContext } from '../common/audit';
import { type AuditFolder } from './audit-folder';
import { hashClientId } from './hash-client-id';
import { LegalHolds } from './legal-holds';
import { withUpkeepLock } from './upkeep-lock';

/** Whom to hold or to release. */
export interface HoldOrder {
  readonly kind: 'hold' | 'release';
  readonly clientId: string;
  /** Words for the audit trail, such as the number of a case; nothing personal. */
  readonly reason: string;
  /** The prediction log's. */
  readonly folder: string;
  readonly audit: Pick<AuditFolder, 'append'>;
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
  folder,
  audit,
  context,
}: HoldOrder): Promise<boolean> {
  return withUpkeepLock(folder, async () => {
    const holds = await LegalHolds.read(folder);
    if (holds.has(clientId) === (kind === 'hold')) return false;
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
    await (kind === 'hold' ? holds.add(clientId) : holds.remove(clientId));
    if (kind === 'hold') await record();
    return true;
  });
}
