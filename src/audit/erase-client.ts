import { type AuditContext } from '../common/audit';
import { type Clock } from '../common/clock';
import { type AuditSink } from './audit-sink';
import { hashClientId } from './hash-client-id';
import { ErasureRefusedError, type ErasureResult, type ErasureTask, type LogUpkeep } from './log-upkeep';

/** Whom to erase, and why. */
export interface ErasureOrder {
  readonly clientId: string;
  /** Only this tenant's client of that name; undefined: every tenant's. */
  readonly tenant?: string | undefined;
  /** Words for the audit trail, such as the number of the request; nothing personal. */
  readonly reason: string;
}

/** What an erasure needs of its surroundings. */
export interface ErasureParts extends Pick<ErasureTask, 'eraseSamples' | 'signal'> {
  readonly upkeep: LogUpkeep;
  readonly clock: Clock;
  readonly audit: Pick<AuditSink, 'append'>;
  readonly context: AuditContext;
}

/**
 * Removes what is personal of a client from the log: see `eraseRecord`.
 *
 * Beside running services, or without one. Killed at any moment, each record is the old one or the new one, and the
 * same order finishes what is left. The audit trail says when it began and when it was done, with a salted hash in
 * place of the client. What a client application sends after the beginning is not erased.
 *
 * @throws {ErasureRefusedError} the client is under legal hold, or the running service does not end its segment
 * @throws {UpkeepTakenError} another erasure, retention or change of holds is under way
 * Cost: in files O(length of the log), some seconds a GiB; in PostgreSQL O(the client's records).
 */
export function eraseClient(order: ErasureOrder, parts: ErasureParts): Promise<ErasureResult> {
  const { upkeep, clock, audit, context, eraseSamples, signal } = parts;
  return upkeep.exclusively(async (session) => {
    const { clientId, reason, tenant } = order;
    const subject = hashClientId(clientId);
    const record = (outcome: string, more: Readonly<Record<string, string | number>>): Promise<unknown> =>
      audit.append({
        ...callerOf(context),
        audit: {
          action: 'erasure',
          subject,
          outcome,
          from: context.from ?? '',
          details: { reason, tenant: tenant ?? 'all', ...more },
        },
      });
    if ((await session.readHolds()).includes(clientId)) {
      await record('refused', { cause: 'legal hold' });
      throw new ErasureRefusedError(
        'The client is under legal hold: nothing was erased. Release the hold first, when it may be released.',
      );
    }
    await record('begun', {});
    const at = new Date(clock()).toISOString();
    const result = await session.erase({ clientId, tenant, at, eraseSamples, signal });
    const { tombstone = 'none', records, segments, damagedLines } = result;
    await record('done', { tombstone, records, segments, damagedLines });
    return result;
  });
}

function callerOf({ caller, requestId }: AuditContext): Pick<AuditContext, 'caller' | 'requestId'> {
  return { caller, ...(requestId !== undefined && { requestId }) };
}
