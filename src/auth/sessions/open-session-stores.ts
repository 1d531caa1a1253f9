import { dirname, join } from 'node:path';
import { type CacheConnection } from '../../cache/cache-connection';
import { type Clock } from '../../common/clock';
import { type AccessConfiguration } from '../../config/configuration';
import { type EndedSessions } from './ended-sessions';
import { FileEndedSessions } from './file-ended-sessions';
import { type LogInBrake } from './log-in-brake';
import { MemoryLogInBrake } from './memory-log-in-brake';
import { SESSION_SECONDS } from './sessions';

/** What log-ins leave behind. */
export interface SessionStores {
  readonly ended: EndedSessions;
  readonly brake: LogInBrake;
}

/** Opens what this instance alone keeps about log-ins, or what all instances share. */
export async function openSessionStores(
  access: AccessConfiguration,
  cache: CacheConnection,
  clock: Clock,
): Promise<SessionStores> {
  const longestMs = SESSION_SECONDS * 1_000;
  const files = new FileEndedSessions(join(dirname(access.keysFile), 'ended-sessions'), longestMs);
  switch (cache.kind) {
    case 'memory':
      return { ended: files, brake: new MemoryLogInBrake(clock) };
    case 'redis': {
      const { RedisEndedSessions } = await import('./redis-ended-sessions');
      const { RedisLogInBrake } = await import('./redis-log-in-brake');
      return {
        ended: new RedisEndedSessions(cache.redis, files, longestMs, clock),
        brake: new RedisLogInBrake(cache.redis, clock),
      };
    }
  }
}
