import { type Migration, sql } from 'kysely';

/** Each statement is one entry, so that an error names the one that failed. */
const STATEMENTS: readonly string[] = [
  // Making a month's partition needs the owner of the table, and a month begins while only the service is there. With
  // the owner's rights the function must mean the owner's objects, whatever the caller's search_path and temporary
  // tables. A later step that replaces the function has to say all of this again.
  `DO $$
   BEGIN
     EXECUTE format(
       'ALTER FUNCTION ensure_record_partition(bigint) SECURITY DEFINER SET search_path = %I, pg_temp',
       (SELECT nspname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE pg_proc.oid = 'ensure_record_partition(bigint)'::regprocedure)
     );
   END
   $$`,
  'REVOKE EXECUTE ON FUNCTION ensure_record_partition(bigint) FROM PUBLIC',

  // Does all that append_records does, for no record, and puts the head back: fails where keeping one would. It
  // commits a change, so it waits for whatever a commit waits for.
  `CREATE FUNCTION try_appending() RETURNS void
   LANGUAGE plpgsql AS $$
   DECLARE
     head_milliseconds bigint;
     head_counter bigint;
   BEGIN
     SELECT milliseconds, counter INTO STRICT head_milliseconds, head_counter FROM log_head FOR UPDATE;
     PERFORM append_records('', '{}', '{}', '{}', (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
     UPDATE log_head SET milliseconds = head_milliseconds, counter = head_counter;
   END
   $$`,
];

/** The service's own user need not own the tables. */
export const allowServiceUser: Migration = {
  up: async (database) => {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
