import { type RedisConnection } from './redis-connection';
import { type SharedCache } from './shared-cache';

/** Keeps in Redis, which is to be told how much memory it may take and what to drop then (`maxmemory`). */
export class RedisSharedCache implements SharedCache {
  constructor(private readonly redis: RedisConnection) {}

  async get(key: string): Promise<Buffer | undefined> {
    try {
      return (await this.redis.run((client) => client.getBuffer(nameEntry(key)))) ?? undefined;
    } catch {
      // The connection has told it.
      return undefined;
    }
  }

  async set(key: string, value: Buffer, milliseconds: number): Promise<void> {
    try {
      await this.redis.run((client) => client.set(nameEntry(key), value, 'PX', milliseconds));
    } catch {
      // As above.
    }
  }
}

function nameEntry(key: string): string {
  return `cache:${key}`;
}
