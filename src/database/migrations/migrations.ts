import { type Migration } from 'kysely';
import { createRecords } from './2026-11-25-records';
import { createFailedJobs } from './2026-11-26-failed-jobs';
import { boundClock } from './2026-11-27-bounded-clock';
import { allowServiceUser } from './2026-11-27-service-user';

/**
 * Every step from an empty database to the one this program works with. They run in the order of their names, each
 * once; a step that was released is never changed, the next one stands in a new file.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '2026-11-25-records': createRecords,
  '2026-11-26-failed-jobs': createFailedJobs,
  '2026-11-27-bounded-clock': boundClock,
  '2026-11-27-service-user': allowServiceUser,
};
