import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RedisConnection } from '../../src/cache/redis-connection';
import { RedisServer } from './servers/redis-server';

/** What is tested is not how soon Redis answers on a crowded machine. */
const PATIENCE_MS = 2_000;

/** A Redis of one spec's own, with a connection to it: there before its first test, and empty before each. */
export class RedisOfTheSpec {
  private started: { readonly server: RedisServer; readonly connection: RedisConnection } | undefined;

  private constructor() {
    beforeAll(async () => {
      // Several tests let it go away, which is told.
      Logger.overrideLogger(false);
      const server = await RedisServer.start();
      this.started = { server, connection: await RedisConnection.open(server.url, PATIENCE_MS) };
    });
    afterAll(async () => {
      this.connection.close();
      await this.server.remove();
    });
    beforeEach(() => this.empty());
  }

  /** Call it at the top of the spec. */
  static use(): RedisOfTheSpec {
    return new RedisOfTheSpec();
  }

  /** To be stopped and started. */
  get server(): RedisServer {
    return this.whenStarted().server;
  }

  get connection(): RedisConnection {
    return this.whenStarted().connection;
  }

  /** Another connection, as another process has it; whoever asks for it closes it. */
  connectAgain(): Promise<RedisConnection> {
    return RedisConnection.open(this.server.url, PATIENCE_MS);
  }

  /** Forgets everything that is in it. */
  async empty(): Promise<void> {
    await this.connection.run((client) => client.flushall());
  }

  /** Starts it after it was stopped, empty, and resolves when the connection has noticed; 5 s at most. */
  async comeBack(): Promise<void> {
    await this.server.start();
    for (let waited = 0; !this.connection.isWorking && waited < 5_000; waited += 20) await sleep(20);
  }

  private whenStarted(): { readonly server: RedisServer; readonly connection: RedisConnection } {
    if (this.started === undefined) throw new Error('Redis is there only while tests run');
    return this.started;
  }
}
