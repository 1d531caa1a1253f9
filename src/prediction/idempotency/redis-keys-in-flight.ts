import { randomUUID } from 'node:crypto';
import { type RedisConnection } from '../../cache/redis-connection';
import { RedisScript } from '../../cache/redis-script';
import { type KeysInFlight, type ReleaseKey } from './keys-in-flight';
import { MemoryKeysInFlight } from './memory-keys-in-flight';

/**
 * A record is kept, or refused, within two seconds. After this time the key of a process that was killed is free;
 * one that was only slow then meets the log, which lets one decision stand.
 */
const HELD_MS = 5_000;

/** Gives up a key only while it is still ours: it may have lapsed, and be another's now. */
const RELEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

/**
 * Keys in flight in all processes. While Redis is away each process knows its own.
 *
 * Cost: one round trip to take, one to give back.
 */
export class RedisKeysInFlight implements KeysInFlight {
  private readonly local = new MemoryKeysInFlight();

  /** @param heldMs how long a key is held at most */
  constructor(
    private readonly redis: RedisConnection,
    private readonly heldMs: number = HELD_MS,
  ) {}

  async take(name: string): Promise<ReleaseKey | undefined> {
    // Also saves the round trip for those who ask this process again.
    const releaseLocally = await this.local.take(name);
    if (releaseLocally === undefined) return undefined;
    const key = `key-in-flight:${name}`;
    const token = randomUUID();
    if (!(await this.takeShared(key, token))) {
      await releaseLocally();
      return undefined;
    }
    return async () => {
      await this.releaseShared(key, token);
      await releaseLocally();
    };
  }

  private async takeShared(key: string, token: string): Promise<boolean> {
    try {
      const answer = await this.redis.run((client) => client.set(key, token, 'PX', this.heldMs, 'NX'));
      return answer === 'OK';
    } catch {
      // The connection has told it.
      return true;
    }
  }

  /** Also when taking seemed to fail: a command that was late may have been carried out. */
  private async releaseShared(key: string, token: string): Promise<void> {
    try {
      await this.redis.runScript(RELEASE, [key], [token]);
    } catch {
      // It lapses by itself.
    }
  }
}
