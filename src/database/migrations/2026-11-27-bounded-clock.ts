import { type Migration, sql } from 'kysely';

/** Each statement is one entry, so that an error names the one that failed. */
const STATEMENTS: readonly string[] = [
  'ALTER FUNCTION append_records(text, text[], text[], bytea[], bigint) RENAME TO append_records_at',

  // What a caller's clock says, a minute ahead of this server's own at most. A month ahead would be for good: every
  // later record of every instance would get that time. One that is behind does no harm, as ids never go back.
  `CREATE FUNCTION bound_clock(clock_milliseconds bigint) RETURNS bigint
   LANGUAGE sql AS $$
     SELECT least(clock_milliseconds, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 60000)
   $$`,

  // A single SELECT, which the server puts in the place of the call: it costs nothing.
  `CREATE FUNCTION append_records(
     drafts text, kinds text[], client_ids text[], key_hashes bytea[], clock_milliseconds bigint
   ) RETURNS uuid[]
   LANGUAGE sql AS $$
     SELECT append_records_at(drafts, kinds, client_ids, key_hashes, bound_clock(clock_milliseconds))
   $$`,
];

/** No caller's clock can carry the log further than a minute into the future. */
export const boundClock: Migration = {
  up: async (database) => {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
