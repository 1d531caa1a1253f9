import { type Clock } from '../../common/clock';
import { type Configuration } from '../../config/configuration';
import { type LogUpkeep, type UpkeepSession } from '../log-upkeep';
import { FileUpkeepSession } from './file-upkeep-session';
import { LegalHolds } from './legal-holds';
import { withUpkeepLock } from './upkeep-lock';

/**
 * Upkeep of a log in files. The process that writes the log is asked, by an empty file, to end its segment; everything
 * else happens here, so that a long erasure takes nothing from the service.
 */
export class FileLogUpkeep implements LogUpkeep {
  /** @param log the prediction log's folder, and how surely it is written */
  constructor(
    private readonly log: Configuration['log'],
    private readonly clock: Clock,
  ) {}

  /** @inheritDoc */
  async readHolds(): Promise<readonly string[]> {
    return (await LegalHolds.read(this.log.folder)).clientIds;
  }

  /**
   * @inheritDoc
   * @throws {LogFolderError} the folder cannot be used
   */
  async exclusively<T>(work: (session: UpkeepSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return withUpkeepLock(this.log.folder, () => work(new FileUpkeepSession(this.log, this.clock, signal)));
  }
}
