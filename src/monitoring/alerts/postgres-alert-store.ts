import { Logger } from '@nestjs/common';
import { type Database } from '../../database/database';
import { BundleError } from '../../scoring/bundle/bundle-error';
import { type AlertState, NO_ALERTS } from './alert-state';
import { type AlertStore, type ChangeAlerts } from './alert-store';
import { formatAlertState } from './format-alert-state';
import { parseAlertState } from './parse-alert-state';

/** Name of the row, and of the text in warnings. */
const NAME = 'alerts';

/** So many changes of other processes in a row, between reading and writing, do not happen by chance. */
const MOST_TRIES = 50;

/** Before the first change. */
const NOT_KEPT = '0';

/** A state and the number of the change that made it. */
interface VersionedState {
  readonly version: string;
  readonly state: AlertState;
}

/**
 * Alerts as one row of the table `shared_state`.
 *
 * A change is written only if the row still has the version it was made of, and made again otherwise: no change
 * gets lost, and no process holds a lock while the other end does not hear from it.
 */
export class PostgresAlertStore implements AlertStore {
  private readonly logger = new Logger(PostgresAlertStore.name);
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly database: Pick<Database, 'query'>) {}

  /** @inheritDoc */
  read(): Promise<AlertState> {
    return this.inTurn(async () => (await this.readVersioned()).state);
  }

  /** @inheritDoc */
  change(apply: ChangeAlerts): Promise<AlertState> {
    return this.inTurn(async () => {
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        const before = await this.readVersioned();
        const state = apply(before.state);
        if (state === before.state || (await this.replace(before.version, state))) return state;
      }
      throw new Error(
        `Alerts were changed ${MOST_TRIES} times meanwhile by other processes: they are kept at the next look`,
      );
    });
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    await this.last;
  }

  /** One after another: an older state must not be shown after a newer one. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async readVersioned(): Promise<VersionedState> {
    const { rows } = await this.database.query<{ readonly version: string; readonly content: string }>(
      `SELECT version::text, content FROM shared_state WHERE name = $1`,
      [NAME],
    );
    const [row] = rows;
    if (row === undefined) return { version: NOT_KEPT, state: NO_ALERTS };
    return { version: row.version, state: await this.parse(row.content, row.version) };
  }

  /** @returns whether nobody was faster */
  private async replace(version: string, state: AlertState): Promise<boolean> {
    const content = formatAlertState(state);
    const { rows } =
      version === NOT_KEPT
        ? await this.database.query(
            `INSERT INTO shared_state (name, version, content) VALUES ($1, 1, $2)
             ON CONFLICT (name) DO NOTHING RETURNING name`,
            [NAME, content],
          )
        : await this.database.query(
            `UPDATE shared_state SET version = version + 1, content = $2
             WHERE name = $1 AND version = $3 RETURNING name`,
            [NAME, content, version],
          );
    return rows.length > 0;
  }

  /** A row that cannot be understood is copied beside, with a warning, and alerts start empty. */
  private async parse(content: string, version: string): Promise<AlertState> {
    try {
      return parseAlertState(NAME, content);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      await this.setAside(content, version, error);
      return NO_ALERTS;
    }
  }

  private async setAside(content: string, version: string, { key, expectation }: BundleError): Promise<void> {
    const setAsideAs = `${NAME}.damaged-${version}`;
    const { rows } = await this.database.query(
      `INSERT INTO shared_state (name, version, content) VALUES ($1, 1, $2)
       ON CONFLICT (name) DO NOTHING RETURNING name`,
      [setAsideAs, content],
    );
    // Told once, not at every reading until the next change.
    if (rows.length === 0) return;
    this.logger.warn({
      msg: 'the state of alerts is damaged and was set aside: alerts start empty, acknowledgements are lost',
      table: 'shared_state',
      key,
      expectation,
      setAsideAs,
    });
  }
}
