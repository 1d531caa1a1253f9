import { type Clock } from '../common/clock';
import { type Configuration } from '../config/configuration';
import { type LogUpkeep } from './log-upkeep';

/**
 * The upkeep of the log where the configuration keeps it. It takes no connection and no folder until it is asked for
 * something.
 *
 * @param clock milliseconds since the epoch
 */
export async function openLogUpkeep({ log, storage }: Configuration, clock: Clock): Promise<LogUpkeep> {
  switch (storage.kind) {
    case 'file':
      return new (await import('./file/file-log-upkeep')).FileLogUpkeep(log, clock);
    case 'postgres':
      return (await import('./postgres/postgres-log-upkeep')).PostgresLogUpkeep.at(storage.url, clock);
  }
}
