import { type Expired, type LogUpkeep } from './log-upkeep';

const DAY_MS = 86_400_000;

/** What to remove. */
export interface RetentionOrder {
  readonly upkeep: LogUpkeep;
  /** Records are kept for so many days at least. */
  readonly retentionDays: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Only says what would be removed. */
  readonly dryRun: boolean;
  /** Called before the first is removed, with all that will be; not when there is nothing. */
  readonly announce: (expired: Expired) => Promise<void>;
  /** Ends it between two steps: what was removed is removed. */
  readonly signal?: AbortSignal;
}

/**
 * Removes segments, of decisions and of the audit trail, whose last record is older than records are kept, and damaged
 * lines that were set aside before. No record goes early. In files a segment holds records of one day, so none stays a
 * day too long, except in the segment being written: that goes when a later day's record ends it. In PostgreSQL it
 * holds those of a month. Beside running services.
 *
 * @throws {UpkeepTakenError} an erasure or another retention is under way
 * @throws {LegalHoldsError} nobody knows what must stay
 * Cost: one listing; with clients under legal hold, in files one pass over what is expired for each of them.
 */
export function removeExpired(order: RetentionOrder): Promise<Expired> {
  return order.upkeep.exclusively(async (session) => {
    const beforeMs = order.nowMs - order.retentionDays * DAY_MS;
    const expired = await session.findExpired(beforeMs);
    if (order.dryRun) return expired;
    if (expired.segments.length > 0 || expired.setAsideLines > 0) await order.announce(expired);
    await session.removeExpired(expired, beforeMs);
    return expired;
  }, order.signal);
}
