import { type Clock } from '../common/clock';
import { type Configuration } from '../config/configuration';
import { type Database } from '../database/database';
import { type EventCursor } from './events/event-cursor';
import { type FailedJobs } from './jobs/failed-jobs';

/** What the queue keeps: with files in the log's folder, otherwise in the database that instances share. */
export interface QueueStores {
  readonly failedJobs: FailedJobs;
  readonly eventCursor: EventCursor;
}

/** @param database undefined with files only */
export async function openStores(
  { log: { folder } }: Pick<Configuration, 'log'>,
  database: Database | undefined,
  clock: Clock,
): Promise<QueueStores> {
  if (database === undefined) {
    const [{ FileFailedJobs }, { FileEventCursor }] = await Promise.all([
      import('./jobs/file-failed-jobs'),
      import('./events/file-event-cursor'),
    ]);
    return { failedJobs: new FileFailedJobs(folder, clock), eventCursor: new FileEventCursor(folder) };
  }
  const [{ PostgresFailedJobs }, { PostgresEventCursor }] = await Promise.all([
    import('./jobs/postgres-failed-jobs'),
    import('./events/postgres-event-cursor'),
  ]);
  return {
    failedJobs: new PostgresFailedJobs(database),
    eventCursor: new PostgresEventCursor(database),
  };
}
