import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type RedisScript } from './redis-script';
import { waitAtMost } from './wait-at-most';

/** Every key begins with it, so that one Redis may serve other programs too. */
const KEY_PREFIX = 'credit-scoring:';

/**
 * A Redis nearby answers within a millisecond, on a crowded machine within ten. One that is away costs a request
 * this once: after it nothing is asked.
 */
const COMMAND_DEADLINE_MS = 25;

/** How soon its return is noticed, and how little a Redis that is away is asked. */
const PROBE_EVERY_MS = 250;

/** A connection that is owed an answer for so long is given up for a new one. */
const SILENCE_MS = 1_000;

/** A new connection is tried after this time, then after twice as long, and so on. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1_000;

/** A start waits so long for the first answer: what is shared should be so from the first request on. */
const FIRST_ANSWER_MS = 500;

/** A server that refuses one kind of command refuses it with every request. */
const TELL_REFUSALS_EVERY_MS = 60_000;

/** Redis is away, or too slow, or refused: go on without. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

/**
 * A connection to Redis that never keeps a request waiting. A command that fails or is late opens the circuit:
 * until a probe was answered in time, all others fail at once.
 *
 * Every caller must be able to go on without Redis. The address is never told: it may hold a password.
 */
export class RedisConnection {
  private readonly logger = new Logger(RedisConnection.name);
  private readonly client: Redis;
  private working = false;
  private probing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** Why there is no connection: the probe only sees that there is none. */
  private connectionError: unknown;
  private toldAway = false;
  private toldRefusalAt = -Infinity;
  /** Connections that were tried since a probe was last answered. */
  private retries = 0;

  private constructor(
    url: string,
    private readonly deadlineMs: number,
  ) {
    this.client = new Redis(url, {
      keyPrefix: KEY_PREFIX,
      lazyConnect: true,
      // What cannot be asked now is not asked later: its request is answered by then.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      // Nobody waits for an answer by then, but the process would for its socket.
      disconnectTimeout: PROBE_EVERY_MS,
      // The probe finds out more, and needs no right to INFO.
      enableReadyCheck: false,
      // By our count: the client's begins anew with each connection, also with one that is of no use.
      retryStrategy: () => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.retries++),
      protocol: 2,
      disableClientInfo: true,
    });
    // Without a listener the process would end. What matters is whether the probe is answered.
    this.client.on('error', (error: unknown) => {
      this.connectionError = error;
    });
    this.client.on('ready', () => void this.probe());
    this.client.on('close', () => {
      this.working = false;
      void this.probe();
    });
  }

  /**
   * Begins to connect. Redis may be away: it is tried again and again.
   *
   * @param url `redis://` or `rediss://`
   * @param deadlineMs how long an answer is waited for
   */
  static async open(url: string, deadlineMs: number = COMMAND_DEADLINE_MS): Promise<RedisConnection> {
    const connection = new RedisConnection(url, deadlineMs);
    const connecting = connection.client.connect().then(() => connection.probing);
    // A refused connection is found out by the probe, which tells it.
    await waitAtMost(connecting, FIRST_ANSWER_MS).catch(() => connection.probe());
    return connection;
  }

  /** Whether commands are sent at the moment. */
  get isWorking(): boolean {
    return this.working;
  }

  /**
   * Sends a command.
   *
   * @throws {RedisUnavailableError} when there was no answer in time, or none is expected
   */
  async run<T>(send: (client: Redis) => Promise<T>): Promise<T> {
    if (!this.working) throw new RedisUnavailableError('Redis is away');
    try {
      return await waitAtMost(send(this.client), this.deadlineMs);
    } catch (error) {
      this.working = false;
      if (isRefusal(error)) this.tellRefusal(error);
      void this.probe();
      throw new RedisUnavailableError('Redis did not answer in time, or refused', { cause: error });
    }
  }

  /**
   * Runs a script, which is one step for all processes.
   *
   * @throws {RedisUnavailableError} as `run`
   */
  runScript(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.run(async (client) => {
      try {
        return await client.evalsha(script.sha1, keys.length, ...keys, ...values);
      } catch (error) {
        // A Redis that was restarted does not know it.
        if (!isRefusal(error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.eval(script.text, keys.length, ...keys, ...values);
      }
    });
  }

  /** Ends the connection; from now on Redis is away. */
  close(): void {
    this.closed = true;
    this.working = false;
    clearTimeout(this.timer);
    this.client.disconnect();
  }

  private probe(): Promise<void> {
    this.probing ??= this.askAndRepeat().finally(() => {
      this.probing = undefined;
    });
    return this.probing;
  }

  private async askAndRepeat(): Promise<void> {
    if (this.closed) return;
    clearTimeout(this.timer);
    try {
      await waitAtMost(this.writeProbe(), this.deadlineMs);
      if (this.isClosed()) return;
      this.working = true;
      this.retries = 0;
      this.tellBack();
    } catch (error) {
      this.working = false;
      if (this.isClosed()) return;
      this.tellAway(error);
      // After a fail-over that left connections open, the address leads to another Redis by now.
      if (isRefusal(error)) this.client.disconnect(true);
      this.timer = setTimeout(() => void this.probe(), PROBE_EVERY_MS).unref();
    }
  }

  /** Written, not only asked: a Redis that is full or a mere replica is of no use. */
  private async writeProbe(): Promise<void> {
    const { db = 0 } = this.client.options;
    // A refused one is passed over when the client connects, and everything would be kept in database 0.
    if (db !== 0) await this.client.select(db);
    await this.client.set('probe', '', 'PX', SILENCE_MS);
  }

  /** It may have been closed while something was awaited. */
  private isClosed(): boolean {
    return this.closed;
  }

  private tellAway(error: unknown): void {
    if (this.toldAway) return;
    this.toldAway = true;
    const cause = this.client.status === 'ready' ? error : this.connectionError;
    this.logger.warn({
      msg: 'Redis (REDIS_URL) does not answer, or refuses: limits are counted by each process, and nothing is shared, until it is back',
      reason: describeReason(cause),
      command: nameRefused(cause),
    });
  }

  private tellBack(): void {
    this.connectionError = undefined;
    if (!this.toldAway) return;
    this.toldAway = false;
    this.logger.log({ msg: 'Redis answers again: limits, log-outs and keys in flight are shared' });
  }

  private tellRefusal(error: Error): void {
    const now = performance.now();
    if (now < this.toldRefusalAt + TELL_REFUSALS_EVERY_MS) return;
    this.toldRefusalAt = now;
    this.logger.warn({
      msg: 'Redis (REDIS_URL) refused a command: see that its user may run scripts, ask TIME in them, and write keys that begin with credit-scoring:, and that its memory is not full',
      reason: describeReason(error),
      command: nameRefused(error),
    });
  }
}

/** Whether Redis answered, with an error. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** The command that Redis refused, without what it was asked about; undefined when it refused none. */
function nameRefused(error: unknown): string | undefined {
  if (!isRefusal(error) || !('command' in error)) return undefined;
  const { command } = error;
  const hasName = typeof command === 'object' && command !== null && 'name' in command;
  return hasName && typeof command.name === 'string' ? command.name : undefined;
}

/** A code such as `ECONNREFUSED` or `WRONGPASS`: messages may name the address. */
function describeReason(error: unknown): string {
  if (isRefusal(error)) return /^[A-Z]+/.exec(error.message)?.[0] ?? 'refused';
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  if (hasCode && typeof error.code === 'string') return error.code;
  return error === undefined ? 'connection lost' : 'no answer in time';
}
