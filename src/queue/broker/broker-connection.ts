import { setTimeout as pause } from 'node:timers/promises';
import { type ChannelModel } from 'amqplib';
import { type BrokerNews } from './broker-news';
import { declareTopology } from './topology';

/** Longer than a busy broker takes to answer on one network; a frozen one is given up and tried again. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Well below the five seconds within which work must go on, and no load on a broker that is starting. */
const RECONNECT_MS = 300;

/** A broker that is silent for twice as long is taken for dead; a process that is busy for so long is not. */
const HEARTBEAT_SECONDS = 5;

/** A stop must not wait for a broker that is frozen. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Injection token of the `BrokerConnection` over which messages are published, and nothing is consumed. */
export const PUBLISHING_CONNECTION = Symbol('PublishingConnection');

/**
 * Injection token of the `BrokerConnection` over which messages are consumed, and nothing is published: a broker that
 * is short of memory or disk reads nothing of who publishes, and an acknowledgement is what makes room again.
 */
export const CONSUMING_CONNECTION = Symbol('ConsumingConnection');

/** What works over the connection, and has to begin anew with each new one. */
export interface BrokerUser {
  /**
   * Begins to work over a new connection.
   *
   * @throws when it cannot; the connection is then made again
   */
  begin(model: ChannelModel): Promise<void>;
}

/**
 * A connection of this process to RabbitMQ. It comes back by itself: after every loss exchanges and queues are
 * declared again, and all users begin anew. Nothing is kept for later while it is away.
 */
export class BrokerConnection {
  private readonly users: BrokerUser[] = [];
  private readonly closing = new AbortController();
  private model: ChannelModel | undefined;
  /** Whether all users work over it. */
  private begun = false;
  /** Why this side has given the connection up. */
  private restartReason: unknown;
  private running: Promise<void> | undefined;
  private blocked = false;

  /**
   * @param url address with name and password; never told to anybody
   * @param news shared by all connections to one broker
   */
  constructor(
    private readonly url: string,
    private readonly news: BrokerNews,
  ) {}

  /** Whether the broker can be worked with: connected, and not short of memory or disk. */
  get isUsable(): boolean {
    return this.begun && !this.blocked;
  }

  /** Adds a user; before `open` only. */
  use(user: BrokerUser): void {
    this.users.push(user);
  }

  /** Begins to connect, and goes on until `close`. Nobody waits for it: a broker that is away stops no start. */
  open(): void {
    this.running ??= this.run();
  }

  /**
   * Makes the connection anew, with all that works over it: as when the broker closed one channel, or a queue was
   * deleted under its consumers.
   *
   * @param reason what the broker said, for those who look after it
   */
  restart(reason: unknown): void {
    this.restartReason ??= reason;
    this.begun = false;
    this.model?.close().catch(ignore);
  }

  /** Ends it, within a second: a broker that does not say goodbye is left. */
  async close(): Promise<void> {
    this.closing.abort();
    this.model?.close().catch(ignore);
    await Promise.race([this.running, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!this.isClosing()) {
      try {
        await this.connectOnce();
      } catch (error) {
        if (!this.isClosing()) this.news.tellAway(this, this.restartReason ?? error);
      }
      // Rejects when closed.
      await pause(RECONNECT_MS, undefined, { signal }).catch(ignore);
    }
  }

  /** Resolves when the connection is lost. */
  private async connectOnce(): Promise<void> {
    const { connect } = await import('amqplib');
    const model = await connect(withHeartbeat(this.url), {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: `credit-scoring ${process.pid}` },
    });
    let reason: unknown;
    const lost = new Promise<void>((resolve) => {
      model.on('error', (error) => (reason = error));
      // A broker that is stopped in good order says so here only.
      model.on('close', (error: unknown) => {
        reason ??= error;
        resolve();
      });
    });
    model.on('blocked', (shortOf) => {
      this.blocked = true;
      this.news.tellBlocked(this, shortOf);
    });
    model.on('unblocked', () => {
      this.blocked = false;
      this.news.tellUnblocked(this);
    });
    this.blocked = false;
    this.restartReason = undefined;
    this.model = model;
    try {
      await this.beginAll(model);
      if (this.isClosing()) return;
      this.begun = true;
      this.news.tellBack(this);
      await lost;
    } finally {
      this.begun = false;
      this.model = undefined;
      // Settles nothing when it is lost; a broker that does not answer is given up by its heartbeat.
      model.close().catch(ignore);
    }
    if (!this.isClosing()) this.news.tellAway(this, this.restartReason ?? reason);
  }

  private async beginAll(model: ChannelModel): Promise<void> {
    const channel = await model.createChannel();
    // A refusal closes the channel, and rejects what was asked.
    channel.on('error', ignore);
    await declareTopology(channel);
    await channel.close();
    for (const user of this.users) await user.begin(model);
  }
}

function withHeartbeat(address: string): string {
  const url = new URL(address);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return url.href;
}

function ignore(): void {
  // What ends with the connection is told by it.
}
