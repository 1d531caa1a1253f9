import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { errorCode } from '../../common/error-code';
import { type Clock } from '../../common/clock';
import { syncFolder } from '../../logging/file/segment-files';
import { BundleError } from '../../scoring/bundle/bundle-error';
import { type AlertState, NO_ALERTS } from './alert-state';
import { type AlertStore, type ChangeAlerts } from './alert-store';
import { parseAlertState } from './parse-alert-state';
import { formatAlertState } from './format-alert-state';

const NAME = 'alerts.json';

/**
 * Keeps alerts in `alerts.json`, which is replaced as a whole: a kill leaves the old text or the new one.
 * Alerts go on without the file: what fails is logged, and written with the next change. Never rejects.
 */
export class FileAlertStore implements AlertStore {
  private readonly logger = new Logger(FileAlertStore.name);
  private readonly path: string;
  private state: AlertState = NO_ALERTS;
  private reading: Promise<void> | undefined;
  private written: string | undefined;
  private current: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  /** @param folder made if missing; this process must be its only writer */
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {
    this.path = join(folder, NAME);
  }

  /** @inheritDoc A damaged file is set aside beside, with a warning. */
  async read(): Promise<AlertState> {
    await this.takeUp();
    return this.state;
  }

  /** @inheritDoc Resolves when it is on the disk, or its failure in the application log. */
  async change(apply: ChangeAlerts): Promise<AlertState> {
    await this.takeUp();
    this.state = apply(this.state);
    await this.write();
    return this.state;
  }

  /** @inheritDoc What could not be written is tried once more. */
  async close(): Promise<void> {
    if (this.reading !== undefined) await this.write();
  }

  /** This process is the only one to write: what it has read stays true. */
  private takeUp(): Promise<void> {
    this.reading ??= this.readFile().then((state) => {
      this.state = state;
    });
    return this.reading;
  }

  /** Calls that come while a write is under way share the next one, which writes the state as it is then. */
  private write(): Promise<void> {
    this.next ??= this.current.then(() => {
      this.next = undefined;
      this.current = this.replace(this.state);
      return this.current;
    });
    return this.next;
  }

  private async readFile(): Promise<AlertState> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.complain('read', error);
      return NO_ALERTS;
    }
    try {
      return parseAlertState(NAME, text);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      await this.setAside(error);
      return NO_ALERTS;
    }
  }

  private async replace(state: AlertState): Promise<void> {
    const text = `${formatAlertState(state)}\n`;
    if (text === this.written) return;
    try {
      await mkdir(this.folder, { recursive: true });
      const beside = `${this.path}.tmp`;
      const file = await open(beside, 'w');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, this.path);
      await syncFolder(this.folder);
      this.written = text;
    } catch (error) {
      this.complain('written', error);
    }
  }

  private async setAside({ key, expectation }: BundleError): Promise<void> {
    const setAsideAs = `alerts.damaged-${new Date(this.clock()).toISOString().replaceAll(':', '-')}.json`;
    try {
      await rename(this.path, join(this.folder, setAsideAs));
      this.logger.warn({
        msg: `${NAME} is damaged and was set aside: alerts start empty, acknowledgements are lost`,
        folder: this.folder,
        key,
        expectation,
        setAsideAs,
      });
    } catch (error) {
      this.complain('set aside', error);
    }
  }

  private complain(action: 'read' | 'written' | 'set aside', error: unknown): void {
    this.logger.error({
      msg: `${NAME} cannot be ${action}: look at its volume. Alerts are told all the same, a restart forgets them`,
      folder: this.folder,
      code: errorCode(error),
    });
  }
}
