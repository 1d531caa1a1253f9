import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { firstIdAt } from '../../logging/issue-record-id';
import { listMonthPartitions } from './month-partitions';

/**
 * Puts months whose removal was interrupted back into the table, except those that are to be removed all the same:
 * meanwhile a client in them may have been put under legal hold, or `RETENTION_DAYS` been raised. Holding the upkeep
 * lock only.
 *
 * Neither readers nor writers wait for it. It waits, for a month that was leaving, for who began to read before.
 *
 * Cost: one listing; a month is read once when it was not taken out concurrently, as its bounds are then checked.
 */
export async function restorePartitions(client: Client, except: readonly string[]): Promise<void> {
  for (const { name, startMs, endMs, place } of await listMonthPartitions(client)) {
    if (place === 'inside') continue;
    const partition = escapeIdentifier(name);
    // Also of one that is to be removed: while one is leaving, no other can.
    if (place === 'leaving') {
      await client.query(`ALTER TABLE prediction_records DETACH PARTITION ${partition} FINALIZE`);
    }
    if (except.includes(name)) continue;
    // As ensure_record_partition does.
    const [from, to] = [startMs, endMs].map((atMs) => escapeLiteral(firstIdAt(atMs)));
    await client.query(
      `ALTER TABLE prediction_records ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${to})`,
    );
  }
}
