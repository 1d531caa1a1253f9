import { type Client } from 'pg';
import { eraseRecord } from '../../logging/erase-record';
import { hashIdempotencyKey } from '../../logging/hash-idempotency-key';
import { makeTombstone } from '../../logging/make-tombstone';
import { type PredictionRecord } from '../../logging/prediction-record';
import { type ErasureResult, type ErasureTask } from '../log-upkeep';

/** Changed within some milliseconds, and held in memory. */
const RECORDS_AT_A_TIME = 500;

/** The lowest id there is. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** A client's record, and where it stands. */
interface FoundRecord {
  readonly record: PredictionRecord;
  readonly partition: string;
}

/**
 * Removes what is personal of a client from the table of records, some at a time, each time in one transaction; ids
 * and order stay. The client's idempotency keys go with those in the records: what is sent again is decided anew.
 * Old versions of the rows are cleared away at the end. Holding the upkeep lock only.
 *
 * Cost: O(the client's records) look-ups, and one clearing of each partition that has some.
 */
export async function eraseFromTable(client: Client, task: ErasureTask): Promise<ErasureResult> {
  const { eraseSamples, signal } = task;
  const tombstone = makeTombstone();
  const recordTimes: number[] = [];
  const partitions = new Set<string>();
  const last = await readLastId(client);
  for (let after = BEFORE_ALL; ;) {
    signal.throwIfAborted();
    const found = await findRecords(client, task, after, last);
    const [newest] = found.slice(-1);
    if (newest === undefined) break;
    after = newest.record.id;
    const wanted = found.filter(({ record }) => task.tenant === undefined || record.tenant === task.tenant);
    if (wanted.length === 0) continue;
    const times = wanted.map(({ record }) => Date.parse(record.at));
    // First, as records that were erased do not tell which hours were concerned when this is done again.
    await eraseSamples(times);
    await replaceRecords(
      client,
      wanted.map(({ record }) => record),
      tombstone,
      task.at,
    );
    recordTimes.push(...times);
    for (const { partition } of wanted) partitions.add(partition);
  }
  // Again: an hour's values may have been put in their place while this worked.
  await eraseSamples(recordTimes);
  for (const partition of partitions) await clearOldVersions(client, partition);
  const records = recordTimes.length;
  return {
    tombstone: records > 0 ? tombstone : undefined,
    records,
    segments: partitions.size,
    damagedLines: 0,
    unattributedLines: 0,
  };
}

/** What is sent after the erasure began is not erased: without an end, a busy client would never be done. */
async function readLastId(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM prediction_records ORDER BY id DESC LIMIT 1',
  );
  return rows[0]?.id ?? BEFORE_ALL;
}

async function findRecords(
  client: Client,
  { clientId }: ErasureTask,
  after: string,
  last: string,
): Promise<readonly FoundRecord[]> {
  const { rows } = await client.query<{ record: string; partition: string }>(
    `SELECT record::text, tableoid::regclass::text AS partition FROM prediction_records
     WHERE client_id = $1 AND id > $2 AND id <= $3
     ORDER BY id LIMIT ${RECORDS_AT_A_TIME}`,
    [clientId, after, last],
  );
  return rows.map(({ record, partition }) => ({ record: JSON.parse(record) as PredictionRecord, partition }));
}

async function replaceRecords(
  client: Client,
  records: readonly PredictionRecord[],
  tombstone: string,
  at: string,
): Promise<void> {
  const keys = records.flatMap(({ idempotencyKey, ...record }) =>
    idempotencyKey === undefined
      ? []
      : [{ hash: hashIdempotencyKey({ ...record, idempotencyKey }), id: record.id }],
  );
  await client.query(
    `WITH forgotten AS (
       DELETE FROM idempotency_keys USING unnest($4::bytea[], $5::uuid[]) AS key (hash, record_id)
       WHERE idempotency_keys.hash = key.hash AND idempotency_keys.record_id = key.record_id
     )
     UPDATE prediction_records SET client_id = $3, record = erased.record::json
     FROM unnest($1::uuid[], $2::text[]) AS erased (id, record)
     WHERE prediction_records.id = erased.id AND prediction_records.id BETWEEN $6 AND $7`,
    [
      records.map(({ id }) => id),
      records.map((record) => JSON.stringify(eraseRecord(record, tombstone, at))),
      tombstone,
      keys.map(({ hash }) => hash),
      keys.map(({ id }) => id),
      // Partitions of other months are not looked at.
      records.at(0)?.id,
      records.at(-1)?.id,
    ],
  );
}

/** Removes what an update left of rows and index entries, unless somebody who began before may still read it. */
async function clearOldVersions(client: Client, partition: string): Promise<void> {
  // The name comes from the server as it is to be written; without `INDEX_CLEANUP` a few entries would be let lie.
  await client.query(`VACUUM (INDEX_CLEANUP ON, TRUNCATE OFF) ${partition}`);
}
