import { type Migration, sql } from 'kysely';

/** Why jobs of the queue failed, for those who ask for their outcome. */
export const createFailedJobs: Migration = {
  up: async (database) => {
    await sql
      .raw(
        `CREATE TABLE failed_jobs (
         key_hash bytea PRIMARY KEY,
         failed_at timestamptz NOT NULL,
         problem json NOT NULL
       )`,
      )
      .execute(database);
  },
};
