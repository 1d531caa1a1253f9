import { type Client } from 'pg';
import { type Database } from '../../database/database';
import { type DraftRow } from './draft-row';

/** The server ends a write by itself before its caller gives up: what is refused is then not kept, as a rule. */
const STATEMENT_TIMEOUT_MS = 1000;

/** The lock is held for milliseconds, never over a round trip; longer only by somebody's session. */
const LOCK_TIMEOUT_MS = 900;

/** A server that has not answered by then is not waited for: the connection is cut and another one made. */
const ANSWER_TIMEOUT_MS = 1300;

/** A server that is away is asked so often, not with every record. */
const RECONNECT_PAUSE_MS = 200;

/** Parsed and planned once a connection. */
const APPEND = {
  name: 'append_records',
  // As one text, which takes a tenth of the time to read that an array takes; a space stands in no id.
  text: "SELECT array_to_string(append_records($1, $2, $3, $4, $5), ' ', '') AS ids",
};

/** What an operator changed for the whole server must not make an acknowledged record less durable. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/**
 * The one connection that a process writes the log on; made when it is needed, and made again after any failure.
 */
export class LogConnection {
  private client: Promise<Client> | undefined;
  /** Resolves when the statement before has ended: a connection does one thing at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly database: Database) {}

  /**
   * Keeps rows in one transaction.
   *
   * @param nowMs milliseconds since the epoch
   * @returns their ids, undefined where the key is another record's
   * @throws what the driver throws; after a time-out or a lost connection they may be kept all the same
   */
  async append(rows: readonly DraftRow[], nowMs: number): Promise<readonly (string | undefined)[]> {
    const hasKeys = rows.some(({ keyHash }) => keyHash !== null);
    const values = [
      rows.map(({ members }) => members).join('\n'),
      rows.map(({ kind }) => kind),
      rows.map(({ clientId }) => clientId),
      hasKeys ? rows.map(({ keyHash }) => keyHash) : null,
      Math.floor(nowMs),
    ];
    const ids = await this.run(async (client) => {
      const answer = await client.query<{ ids: string }>({ ...APPEND, values });
      return answer.rows[0]?.ids ?? '';
    });
    return ids.split(' ').map((id) => (id === '' ? undefined : id));
  }

  /** Whether the server answers; the cheapest question. */
  async ask(): Promise<void> {
    await this.run((client) => client.query('SELECT'));
  }

  /** Whether the log can be written: does what a record would, and leaves nothing of it. */
  async tryWriting(): Promise<void> {
    await this.run((client) => client.query('SELECT try_appending()'));
  }

  /** Closes it for good; a server that does not answer is not waited for. */
  async close(): Promise<void> {
    this.isClosed = true;
    const connecting = this.client;
    this.client = undefined;
    if (connecting === undefined) return;
    await within(
      ANSWER_TIMEOUT_MS,
      connecting.then((client) => client.end()),
    ).catch(() => undefined);
  }

  private run<T>(statement: (client: Client) => Promise<T>): Promise<T> {
    const done = this.turn.then(() => this.runNow(statement));
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async runNow<T>(statement: (client: Client) => Promise<T>): Promise<T> {
    const connecting = this.connect();
    const client = await connecting;
    try {
      return await within(ANSWER_TIMEOUT_MS, statement(client));
    } catch (error) {
      this.drop(connecting);
      throw error;
    }
  }

  private connect(): Promise<Client> {
    if (this.client !== undefined) return this.client;
    if (this.isClosed) return Promise.reject(new Error('The connection was closed'));
    const connecting = this.open();
    this.client = connecting;
    connecting.then(
      (client) => {
        // A server that stops says so at once, and the next record finds another connection.
        client.once('end', () => {
          this.drop(connecting);
        });
      },
      () => {
        // Until then everybody is told this failure.
        setTimeout(() => {
          this.drop(connecting);
        }, RECONNECT_PAUSE_MS);
      },
    );
    return connecting;
  }

  private async open(): Promise<Client> {
    const client = this.database.createClient({
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
    });
    try {
      await client.connect();
      await within(ANSWER_TIMEOUT_MS, client.query(DURABLE));
      return client;
    } catch (error) {
      // Nobody else knows of it: it would stay for as long as this process.
      void client.end();
      throw error;
    }
  }

  private drop(connecting: Promise<Client>): void {
    if (this.client === connecting) this.client = undefined;
    // With a statement under way the driver cuts the connection, otherwise it says good-bye; neither is waited for.
    connecting.then((client) => client.end()).catch(() => undefined);
  }
}

/** @throws {Error} when it takes longer; it goes on, but nobody waits for it */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`timeout: no answer within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
