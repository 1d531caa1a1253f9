import { type Client } from 'pg';

/** The part of the log that holds a month. */
export interface MonthPartition {
  readonly name: string;
  /** When the month begins, and when the next one does: milliseconds since the epoch, UTC. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whether readers see it: one whose removal was interrupted is `leaving` the table, or `outside` already. */
  readonly place: 'inside' | 'leaving' | 'outside';
}

/** Of `ensure_record_partition`: the month that a partition holds, UTC. */
const NAME_PATTERN = /^prediction_records_(\d{4,})_(\d{2})$/;

/** All months of the log, oldest first, also those whose removal was interrupted. Cost: one listing. */
export async function listMonthPartitions(client: Client): Promise<readonly MonthPartition[]> {
  const { rows } = await client.query<{ name: string; leaves: boolean | null }>(
    // By name, as one that was taken out of the table and not removed yet belongs to nothing any more.
    `SELECT part.relname AS name, inhdetachpending AS leaves
     FROM pg_class AS part JOIN pg_class AS whole USING (relnamespace)
     LEFT JOIN pg_inherits ON inhrelid = part.oid AND inhparent = whole.oid
     WHERE whole.oid = 'prediction_records'::regclass AND part.relkind = 'r'`,
  );
  return rows
    .flatMap(({ name, leaves }) => {
      const [, year, month] = NAME_PATTERN.exec(name) ?? [];
      // What is named otherwise was made by somebody else.
      if (year === undefined || month === undefined) return [];
      const [startMs, endMs] = [
        Date.UTC(Number(year), Number(month) - 1),
        Date.UTC(Number(year), Number(month)),
      ];
      return [{ name, startMs, endMs, place: placeOf(leaves) }];
    })
    .sort((left, right) => left.startMs - right.startMs);
}

function placeOf(leaves: boolean | null): MonthPartition['place'] {
  if (leaves === null) return 'outside';
  return leaves ? 'leaving' : 'inside';
}
