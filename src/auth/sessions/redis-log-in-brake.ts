import { type RedisConnection } from '../../cache/redis-connection';
import { RedisScript } from '../../cache/redis-script';
import { type Clock } from '../../common/clock';
import { LOG_IN_BRAKE, type LogInBrake } from './log-in-brake';
import { MemoryLogInBrake } from './memory-log-in-brake';

/** Counts a failure of each key, and says until when nothing is tried with it. Times are milliseconds. */
const FAIL = new RedisScript(`
local now, free, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for _, key in ipairs(KEYS) do
  local before = redis.call('HMGET', key, 'count', 'lastMs')
  local count = 1
  if before[1] and now - tonumber(before[2]) < tonumber(ARGV[5]) then count = before[1] + 1 end
  local wait = 0
  if count > free then wait = math.min(longest, first * 2 ^ (count - free - 1)) end
  redis.call('HSET', key, 'count', string.format('%.0f', count), 'lastMs', ARGV[1],
    'untilMs', string.format('%.0f', now + wait))
  redis.call('PEXPIRE', key, ARGV[5])
end
`);

/**
 * Counts failures in Redis, for all processes. Each process also counts those it saw itself, and goes by that
 * while Redis is away.
 *
 * Cost: one round trip, for log-ins only. Processes need clocks that agree by a second or so.
 */
export class RedisLogInBrake implements LogInBrake {
  private readonly local: MemoryLogInBrake;

  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {
    this.local = new MemoryLogInBrake(clock);
  }

  async waitSeconds(names: readonly string[]): Promise<number> {
    try {
      const untils = await this.redis.run((client) =>
        Promise.all(names.map((name) => client.hget(nameFailures(name), 'untilMs'))),
      );
      const untilMs = Math.max(0, ...untils.map(Number));
      return Math.ceil(Math.max(0, untilMs - this.clock()) / 1_000);
    } catch {
      // The connection has told it.
      return this.local.waitSeconds(names);
    }
  }

  async fail(names: readonly string[]): Promise<void> {
    this.local.fail(names);
    const { freeFailures, firstWaitMs, longestWaitMs, memoryMs } = LOG_IN_BRAKE;
    const values = [this.clock(), freeFailures, firstWaitMs, longestWaitMs, memoryMs].map(String);
    try {
      await this.redis.runScript(FAIL, names.map(nameFailures), values);
    } catch {
      // As above.
    }
  }

  async succeed(names: readonly string[]): Promise<void> {
    this.local.succeed(names);
    try {
      await this.redis.run((client) => client.del(...names.map(nameFailures)));
    } catch {
      // They are forgotten within the hour.
    }
  }
}

function nameFailures(name: string): string {
  return `log-in-failures:${name}`;
}
