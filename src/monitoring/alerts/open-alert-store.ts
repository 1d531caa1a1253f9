import { type Clock } from '../../common/clock';
import { type Configuration } from '../../config/configuration';
import { type Database } from '../../database/database';
import { type AlertStore } from './alert-store';

/** @param database where the state of alerts is kept; undefined: in a file */
export async function openAlertStore(
  { monitoring }: Pick<Configuration, 'monitoring'>,
  database: Pick<Database, 'query'> | undefined,
  clock: Clock,
): Promise<AlertStore> {
  if (database === undefined) {
    const { FileAlertStore } = await import('./file-alert-store');
    return new FileAlertStore(monitoring.folder, clock);
  }
  const { PostgresAlertStore } = await import('./postgres-alert-store');
  return new PostgresAlertStore(database);
}
