import { type Database } from '../../database/database';
import { checkLogQuery } from '../file/check-log-query';
import { isRecordId } from '../issue-record-id';
import { type LogPage, type LogQuery } from '../prediction-log';
import { type AuditRecord, type DecisionRecord, type PredictionRecord } from '../prediction-record';

/** Ids of a log lie strictly between these. */
const LOWEST = '00000000-0000-0000-0000-000000000000';
const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const DIRECTIONS = { 'oldest-first': 'ASC', 'newest-first': 'DESC' } as const;

/** Audit records have an index of their own, as there are few of them. */
const CONDITIONS = { predictions: "kind <> 'audit'", audit: "kind = 'audit'" } as const;

/**
 * Predictions between two ids.
 *
 * Cost: O(log n) to find the first, then O(records), whatever the log's length; only partitions of the span are read.
 *
 * @throws {RangeError} a bound that is no id, or a limit that is not a whole number from 1 to 10,000
 */
export function readPredictions(database: Database, query: LogQuery): Promise<LogPage> {
  return readRows<PredictionRecord>(database, query, CONDITIONS.predictions);
}

/** A client's predictions between two ids, by the index of clients, as `readPredictions`. */
export function readPredictionsOfClient(
  database: Database,
  clientId: string,
  query: LogQuery,
): Promise<LogPage> {
  return readRows<PredictionRecord>(database, query, `${CONDITIONS.predictions} AND client_id = $4`, [
    clientId,
  ]);
}

/** Audit records between two ids, as `readPredictions`. */
export function readAuditRecords(database: Database, query: LogQuery): Promise<LogPage<AuditRecord>> {
  return readRows<AuditRecord>(database, query, CONDITIONS.audit);
}

/** One prediction by its id, in either case of the letters; undefined when there is none. */
export async function findPrediction(database: Database, id: string): Promise<PredictionRecord | undefined> {
  const wanted = id.toLowerCase();
  if (!isRecordId(wanted)) return undefined;
  const { rows } = await database.query<{ record: PredictionRecord }>(
    `SELECT record FROM prediction_records WHERE id = $1 AND ${CONDITIONS.predictions}`,
    [wanted],
  );
  return rows[0]?.record;
}

/**
 * The decision an idempotency key stands for.
 *
 * @param nowMs milliseconds since the epoch: a key stands for 24 hours from the time of its record; bounded as the
 *   times of records are
 */
export async function findDecisionByKey(
  database: Database,
  keyHash: Buffer,
  nowMs: number,
): Promise<DecisionRecord | undefined> {
  const { rows } = await database.query<{ record: DecisionRecord }>(
    `SELECT record FROM idempotency_keys JOIN prediction_records ON id = record_id
     WHERE hash = $1 AND expires_at > timestamptz 'epoch' + bound_clock($2) * interval '1 millisecond'`,
    [keyHash, Math.floor(nowMs)],
  );
  return rows[0]?.record;
}

/** @param condition with its values from `$4` on */
async function readRows<R extends PredictionRecord | AuditRecord>(
  database: Database,
  query: LogQuery,
  condition: string,
  values: readonly string[] = [],
): Promise<LogPage<R>> {
  checkLogQuery(query);
  const { after = LOWEST, before = HIGHEST, order = 'oldest-first', limit } = query;
  const { rows } = await database.query<{ record: R }>(
    `SELECT record FROM prediction_records WHERE ${condition} AND id > $1 AND id < $2
     ORDER BY id ${DIRECTIONS[order]} LIMIT $3`,
    [after, before, limit + 1, ...values],
  );
  const records = rows.slice(0, limit).map(({ record }) => record);
  // The database keeps checksums of its own, and refuses a damaged page instead of leaving it out.
  return { records, more: rows.length > limit, damagedLines: 0 };
}
