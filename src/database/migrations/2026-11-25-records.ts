import { type Migration, sql } from 'kysely';

/**
 * Everything that instances share: the log with its keys, leases, and what monitoring keeps beside it.
 *
 * Each statement is one entry, so that an error names the one that failed.
 */
const STATEMENTS: readonly string[] = [
  // A record's place in the log is given here and nowhere else: whoever has this row's lock is the only one to append.
  `CREATE TABLE log_head (
     only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
     milliseconds bigint NOT NULL,
     counter bigint NOT NULL
   ) WITH (fillfactor = 10)`,
  `COMMENT ON TABLE log_head IS 'Time (ms since the epoch) and counter of the last id of prediction_records'`,
  `INSERT INTO log_head (milliseconds, counter) VALUES (-1, 0)`,

  // The record is json, not jsonb, which would change numbers and refuse texts that JSON allows.
  `CREATE TABLE prediction_records (
     id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('decision', 'refusal', 'audit')),
     client_id text,
     record json NOT NULL,
     PRIMARY KEY (id)
   ) PARTITION BY RANGE (id)`,
  `COMMENT ON TABLE prediction_records IS 'The prediction log: a partition a month, in the order of id'`,
  `CREATE INDEX prediction_records_client ON prediction_records (client_id, id) WHERE client_id IS NOT NULL`,
  `CREATE INDEX prediction_records_audit ON prediction_records (id) WHERE kind = 'audit'`,

  `CREATE TABLE idempotency_keys (
     hash bytea PRIMARY KEY,
     record_id uuid NOT NULL,
     expires_at timestamptz NOT NULL
   )`,

  `CREATE TABLE leases (
     name text PRIMARY KEY,
     holder uuid NOT NULL,
     expires_at timestamptz NOT NULL
   )`,
  `CREATE TABLE monitoring_summaries (
     kind text NOT NULL,
     start_at timestamptz NOT NULL,
     last_id uuid,
     content bytea NOT NULL,
     PRIMARY KEY (kind, start_at)
   )`,
  `CREATE TABLE drift_reports (
     id text PRIMARY KEY,
     window_end timestamptz NOT NULL,
     manual_at timestamptz,
     created_at timestamptz NOT NULL,
     content text NOT NULL
   )`,
  `CREATE TABLE shared_state (
     name text PRIMARY KEY,
     version bigint NOT NULL,
     content text NOT NULL
   )`,
  `CREATE TABLE legal_holds (
     client_id text PRIMARY KEY,
     held_at timestamptz NOT NULL
   )`,

  // The lowest id of a millisecond, as firstIdAt makes it.
  `CREATE FUNCTION first_record_id_at(at_milliseconds bigint) RETURNS uuid
   LANGUAGE sql IMMUTABLE AS $$
     SELECT (lpad(to_hex(at_milliseconds), 12, '0') || '70008000000000000000')::uuid
   $$`,

  // Makes the partition of a moment's month unless it is there. Call it while holding the lock of log_head.
  // Attaching an empty table lets readers go on, which making it as a partition would not.
  `CREATE FUNCTION ensure_record_partition(at_milliseconds bigint) RETURNS void
   LANGUAGE plpgsql AS $$
   DECLARE
     month_start timestamp :=
       date_trunc('month', timestamp 'epoch' + at_milliseconds * interval '1 millisecond');
     partition_name text := 'prediction_records_' || to_char(month_start, 'YYYY_MM');
   BEGIN
     IF to_regclass(partition_name) IS NOT NULL THEN RETURN; END IF;
     EXECUTE format('CREATE TABLE %I (LIKE prediction_records INCLUDING ALL)', partition_name);
     EXECUTE format(
       'ALTER TABLE prediction_records ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
       partition_name,
       first_record_id_at((extract(epoch FROM month_start) * 1000)::bigint),
       first_record_id_at((extract(epoch FROM month_start + interval '1 month') * 1000)::bigint)
     );
   END
   $$`,

  // Gives each draft its id and time, and keeps it, in one statement: no lock is held over a round trip.
  //
  // drafts      records without id and at, one a line, without the opening brace: JSON.stringify writes no newline
  // kinds, client_ids, key_hashes   look-up columns, one a draft; key_hashes is NULL when no draft has a key
  // clock_milliseconds   the time now by the caller's clock; ids never go back behind the last one
  //
  // Answers the ids in order, NULL where another record holds the key.
  `CREATE FUNCTION append_records(
     drafts text, kinds text[], client_ids text[], key_hashes bytea[], clock_milliseconds bigint
   ) RETURNS uuid[]
   LANGUAGE plpgsql AS $$
   DECLARE
     draft_lines text[] := string_to_array(drafts, E'\\n');
     draft_count integer := cardinality(draft_lines);
     milliseconds_now bigint;
     counter_now bigint;
     at_now timestamp;
     ids uuid[];
     at_member text;
   BEGIN
     SELECT milliseconds, counter + 1 INTO STRICT milliseconds_now, counter_now FROM log_head FOR UPDATE;
     -- As RecordIdIssuer does: a counter of 42 bits that begins anywhere in its lower half.
     IF clock_milliseconds > milliseconds_now OR counter_now + draft_count > 4398046511104 THEN
       milliseconds_now := greatest(clock_milliseconds, milliseconds_now + 1);
       counter_now := ('x' || right(gen_random_uuid()::text, 11))::bit(44)::bigint >> 3;
     END IF;
     PERFORM ensure_record_partition(milliseconds_now);
     at_now := timestamp 'epoch' + milliseconds_now * interval '1 millisecond';
     at_member := '","at":"' || to_char(at_now, 'YYYY-MM-DD"T"HH24:MI:SS.MS') || 'Z",';

     ids := ARRAY(
       SELECT (
         lpad(to_hex((milliseconds_now << 16) | 28672 | (counter >> 30)), 16, '0')
         || to_hex(2147483648 | (counter & 1073741823))
         || right(gen_random_uuid()::text, 8)
       )::uuid
       FROM generate_series(counter_now, counter_now + draft_count - 1) AS counter
     );

     IF key_hashes IS NOT NULL THEN
       WITH drafts_with_key AS (
         SELECT DISTINCT ON (hash) hash, id
         FROM unnest(key_hashes, ids) AS draft (hash, id)
         WHERE hash IS NOT NULL
         ORDER BY hash, id
       ), kept AS (
         INSERT INTO idempotency_keys AS held (hash, record_id, expires_at)
         SELECT hash, id, at_now AT TIME ZONE 'UTC' + interval '24 hours' FROM drafts_with_key
         ON CONFLICT (hash) DO UPDATE
           SET record_id = excluded.record_id, expires_at = excluded.expires_at
           WHERE held.expires_at <= at_now AT TIME ZONE 'UTC'
         RETURNING record_id
       )
       SELECT array_agg(
         CASE WHEN draft.hash IS NULL OR kept.record_id IS NOT NULL THEN draft.id END ORDER BY draft.id
       )
       INTO STRICT ids
       FROM unnest(key_hashes, ids) AS draft (hash, id)
       LEFT JOIN kept ON kept.record_id = draft.id;
     END IF;

     INSERT INTO prediction_records (id, kind, client_id, record)
     SELECT id, kind, client_id, concat('{"id":"', id, at_member, members)::json
     FROM unnest(ids, kinds, client_ids, draft_lines) AS draft (id, kind, client_id, members)
     WHERE id IS NOT NULL;

     UPDATE log_head SET milliseconds = milliseconds_now, counter = counter_now + draft_count - 1;
     RETURN ids;
   END
   $$`,
];

/** Makes all tables and functions of an empty database. */
export const createRecords: Migration = {
  up: async (database) => {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
