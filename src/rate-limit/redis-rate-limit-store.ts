import { type RedisConnection } from '../cache/redis-connection';
import { RedisScript } from '../cache/redis-script';
import { MemoryRateLimitStore } from './memory-rate-limit-store';
import { type Allowance, type RateLimitStore } from './rate-limit-store';

/**
 * Takes points, all or none, of a window that begins with the first. Times are milliseconds.
 *
 * A window that ends later than one can is of a clock that was set back since: it is shortened. A key outlives
 * its window by a second, so that it is the window that decides, to the millisecond.
 */
const TAKE = new RedisScript(`
local points, limit, length = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[4])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local window = redis.call('HMGET', KEYS[1], 'taken', 'endsAt')
local taken, endsAt = tonumber(window[1]), tonumber(window[2])
if endsAt == nil or endsAt <= now then
  taken, endsAt = 0, now + length
end
endsAt = math.min(endsAt, now + length)
local granted = taken + points <= limit
if granted then taken = taken + points end
redis.call('HSET', KEYS[1], 'taken', string.format('%.0f', taken), 'endsAt', string.format('%.0f', endsAt))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', endsAt - now + 1000))
return { granted and 1 or 0, math.max(0, limit - taken), endsAt - now }
`);

/**
 * Counts in Redis, for all processes together. While Redis is away each process counts for itself, on from what it
 * was told last: a caller that was refused stays so when Redis is late for a moment.
 *
 * Cost: one round trip.
 */
export class RedisRateLimitStore implements RateLimitStore {
  private readonly local: MemoryRateLimitStore;

  /**
   * @param windowSeconds length of a window
   * @param now milliseconds; the clock of Redis unless a test turns its own
   */
  constructor(
    private readonly redis: RedisConnection,
    private readonly windowSeconds: number,
    private readonly now?: () => number,
  ) {
    this.local = new MemoryRateLimitStore(windowSeconds);
  }

  take(key: string, points: number, limit: number): Allowance | Promise<Allowance> {
    if (!this.redis.isWorking) return this.local.take(key, points, limit);
    return this.takeShared(key, points, limit);
  }

  private async takeShared(key: string, points: number, limit: number): Promise<Allowance> {
    const values = [points, limit, this.windowSeconds * 1000, this.now?.() ?? ''].map(String);
    try {
      const { granted, remaining, restMs } = parseReply(
        await this.redis.runScript(TAKE, [`rate-limit:${key}`], values),
      );
      this.local.learn(key, limit - remaining, restMs);
      return { granted, remaining, resetSeconds: Math.ceil(restMs / 1000) };
    } catch {
      // The connection has told it.
      return this.local.take(key, points, limit);
    }
  }
}

/** What `TAKE` returns. */
interface Taken {
  readonly granted: boolean;
  readonly remaining: number;
  readonly restMs: number;
}

/** @throws {TypeError} when it is something else */
function parseReply(reply: unknown): Taken {
  const values: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const [granted, remaining, restMs] = values;
  if (typeof remaining !== 'number' || typeof restMs !== 'number') {
    throw new TypeError('Redis answered a rate limit in another form');
  }
  return { granted: granted === 1, remaining, restMs };
}
