import { type Configuration } from '../../config/configuration';
import { type PredictionLogReader } from '../../logging/prediction-log';

/** Where the prediction log is. */
interface LogPlace {
  readonly storage: Configuration['storage'];
  readonly log: Pick<Configuration['log'], 'folder'>;
}

/** Opens the log for reading beside whoever writes it; close it after use. */
export async function openLogReader({ storage, log }: LogPlace): Promise<PredictionLogReader> {
  switch (storage.kind) {
    case 'file': {
      const { FileLogReader } = await import('../../logging/file/file-log-reader');
      return FileLogReader.open({ folder: log.folder });
    }
    case 'postgres': {
      const { PostgresLogReader } = await import('../../logging/postgres/postgres-log-reader');
      return PostgresLogReader.open(storage);
    }
  }
}
