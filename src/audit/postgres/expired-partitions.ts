import { type Client, escapeIdentifier } from 'pg';

/** A month of the log that is older than it is kept. */
export interface ExpiredPartition {
  readonly name: string;
  /** Whether a client in it is under legal hold. */
  readonly isHeld: boolean;
}

/** Of `ensure_record_partition`: the month that a partition holds, UTC. */
const NAME_PATTERN = /^prediction_records_(\d{4,})_(\d{2})$/;

/**
 * Partitions whose month had ended at a time, milliseconds since the epoch; oldest first.
 *
 * Cost: one listing and, while clients are under legal hold, one look-up for each of them in each of these partitions.
 */
export async function listExpiredPartitions(
  client: Client,
  beforeMs: number,
): Promise<readonly ExpiredPartition[]> {
  const { rows } = await client.query<{ name: string }>(
    // By name, as one that was taken out of the table and not removed yet belongs to nothing any more.
    `SELECT part.relname AS name FROM pg_class AS part JOIN pg_class AS whole USING (relnamespace)
     WHERE whole.oid = 'prediction_records'::regclass AND part.relkind = 'r'`,
  );
  const names = rows
    .map(({ name }) => ({ name, endMs: endOfMonth(name) }))
    .filter(({ endMs }) => endMs <= beforeMs)
    .sort((left, right) => left.endMs - right.endMs)
    .map(({ name }) => name);
  const partitions: ExpiredPartition[] = [];
  for (const name of names) partitions.push({ name, isHeld: await isHeld(client, name) });
  return partitions;
}

/**
 * Removes a partition with all its records.
 *
 * It is taken out of the table first, in a way that neither readers nor writers of other months wait for: reading
 * goes on while this waits for those that have begun before, such as a backup. Interrupted there, the partition is
 * invisible to readers and still listed here, so that the next call ends what was begun.
 */
export async function dropPartition(client: Client, name: string): Promise<void> {
  const partition = escapeIdentifier(name);
  const { rows } = await client.query<{ pending: boolean }>(
    `SELECT inhdetachpending AS pending FROM pg_inherits WHERE inhrelid = to_regclass($1)`,
    [partition],
  );
  const [attached] = rows;
  if (attached !== undefined) {
    const mode = attached.pending ? 'FINALIZE' : 'CONCURRENTLY';
    await client.query(`ALTER TABLE prediction_records DETACH PARTITION ${partition} ${mode}`);
  }
  await client.query(`DROP TABLE ${partition}`);
}

/** Milliseconds since the epoch; what is named otherwise was made by somebody else, and never ends. */
function endOfMonth(name: string): number {
  const [, year, month] = NAME_PATTERN.exec(name) ?? [];
  return year === undefined || month === undefined ? Infinity : Date.UTC(Number(year), Number(month));
}

async function isHeld(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT EXISTS (
       SELECT FROM legal_holds JOIN ${escapeIdentifier(name)} AS records USING (client_id)
     ) AS held`,
  );
  return rows[0]?.held === true;
}
