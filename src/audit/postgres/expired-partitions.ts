import { type Client, escapeIdentifier } from 'pg';
import { listMonthPartitions } from './month-partitions';

/** A month of the log that is older than it is kept. */
export interface ExpiredPartition {
  readonly name: string;
  /** Whether a client in it is under legal hold. */
  readonly isHeld: boolean;
}

/**
 * Partitions whose month had ended at a time, milliseconds since the epoch; oldest first.
 *
 * Cost: one listing and, while clients are under legal hold, one look-up for each of them in each of these partitions.
 */
export async function listExpiredPartitions(
  client: Client,
  beforeMs: number,
): Promise<readonly ExpiredPartition[]> {
  const partitions: ExpiredPartition[] = [];
  for (const { name, endMs } of await listMonthPartitions(client)) {
    if (endMs <= beforeMs) partitions.push({ name, isHeld: await isHeld(client, name) });
  }
  return partitions;
}

/**
 * Removes a partition with all its records, after `restorePartitions`.
 *
 * It is taken out of the table first, in a way that neither readers nor writers of other months wait for: reading
 * goes on while this waits for those that have begun before, such as a backup. Interrupted there, the partition is
 * invisible to readers and still listed here, so that the next call ends what was begun.
 */
export async function dropPartition(client: Client, name: string): Promise<void> {
  const partition = escapeIdentifier(name);
  const { rowCount } = await client.query('SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)', [
    partition,
  ]);
  if (rowCount !== 0) {
    await client.query(`ALTER TABLE prediction_records DETACH PARTITION ${partition} CONCURRENTLY`);
  }
  await client.query(`DROP TABLE ${partition}`);
}

async function isHeld(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT EXISTS (
       SELECT FROM legal_holds JOIN ${escapeIdentifier(name)} AS records USING (client_id)
     ) AS held`,
  );
  return rows[0]?.held === true;
}
