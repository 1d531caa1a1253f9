import { Socket } from 'node:net';
import { Client, type ClientConfig, Pool, type QueryResultRow } from 'pg';
import { addressOf } from './database-address';

/** How a database is used by one process. */
export interface DatabaseOptions {
  /** Address with user, password and name of the database: a secret, which no error and no log line tells. */
  readonly url: string;
  /** Connections at most, opened as they are needed; 8 unless given. */
  readonly maxConnections?: number;
  /** A statement that takes longer is ended by the server; 1,500 ms unless given. */
  readonly statementTimeoutMs?: number;
}

/** With three instances, their writers and threads still within PostgreSQL's default of 100. */
const MAX_CONNECTIONS = 8;

/** Who waits for an answer of the service is told within two seconds that there is none. */
const STATEMENT_TIMEOUT_MS = 1500;

/** Loopback and local networks take milliseconds; names and TLS included. */
const CONNECTION_TIMEOUT_MS = 1000;

/** The server ends a statement by itself; only a server that does not answer at all lets it come to this. */
const ANSWER_DELAY_MS = 300;

/** For a quiet night, not for a pause between two requests. */
const IDLE_CONNECTION_MS = 60_000;

/** An answer of the server. */
export interface DatabaseResult<Row> {
  readonly rows: readonly Row[];
  /** Rows that were read or changed. */
  readonly rowCount: number;
}

/**
 * The database that instances share: a bounded pool of connections, which mends itself.
 *
 * Every wait has an end: a statement whose server is away, busy or frozen fails within two seconds. What a row is,
 * the caller says; the driver gives `bigint` as text, `json` parsed and `timestamptz` as Date.
 */
export class Database {
  private readonly pool: Pool;
  private readonly sockets = new Set<Socket>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: DatabaseOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    this.pool = new Pool({
      ...this.connectionSettings(),
      max: options.maxConnections ?? MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + ANSWER_DELAY_MS,
    });
    // An idle connection that breaks is replaced when it is needed; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  /**
   * Runs one statement in a transaction of its own.
   *
   * @throws what the driver throws, see `explainDatabaseError`; after a time-out it may have been done all the same
   */
  async query<Row extends QueryResultRow>(
    statement: string,
    values: readonly unknown[] = [],
  ): Promise<DatabaseResult<Row>> {
    const { rows, rowCount } = await this.pool.query<Row>(statement, [...values]);
    return { rows, rowCount: rowCount ?? 0 };
  }

  /** A connection of its own beside the pool, not connected yet; whoever asked for it ends it. */
  createClient(settings: Pick<ClientConfig, 'statement_timeout' | 'lock_timeout'> = {}): Client {
    const client = new Client({
      ...this.connectionSettings(),
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      ...settings,
    });
    client.on('error', () => undefined);
    return client;
  }

  /** Lets what is under way end, then closes every connection; a server that does not answer is not waited for. */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    const patience = (this.options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS) + ANSWER_DELAY_MS;
    const impatient = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, patience);
    try {
      await this.pool.end();
    } finally {
      clearTimeout(impatient);
    }
    for (const socket of this.sockets) socket.destroy();
  }

  private connectionSettings(): ClientConfig {
    return {
      ...addressOf(this.options.url),
      application_name: 'credit-scoring',
      keepAlive: true,
      stream: () => {
        const socket = new Socket();
        this.sockets.add(socket);
        socket.once('close', () => this.sockets.delete(socket));
        return socket;
      },
    };
  }
}
