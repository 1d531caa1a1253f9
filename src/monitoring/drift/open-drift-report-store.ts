import { join } from 'node:path';
import { type Configuration } from '../../config/configuration';
import { type Database } from '../../database/database';
import { type DriftReportStore } from './drift-report-store';

/** @param database where drift reports are kept; undefined: in files */
export async function openDriftReportStore(
  { monitoring }: Pick<Configuration, 'monitoring'>,
  database: Pick<Database, 'query'> | undefined,
): Promise<DriftReportStore> {
  if (database === undefined) {
    const { FileDriftReportStore } = await import('./file-drift-report-store');
    return new FileDriftReportStore(join(monitoring.folder, 'drift'));
  }
  const { PostgresDriftReportStore } = await import('./postgres-drift-report-store');
  return new PostgresDriftReportStore(database);
}
