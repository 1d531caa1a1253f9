import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type RedisConnection } from '../../cache/redis-connection';
import { RedisScript } from '../../cache/redis-script';
import { type EndedSessions } from './ended-sessions';
import { type EndedSession, type FileEndedSessions } from './file-ended-sessions';

/** What is copied to and fro so often is what an instance knows when Redis goes away. */
const COPY_EVERY_MS = 1_000;

/** Set of ids by the time of their end, and a mark that changes whenever the set does. */
const SESSIONS = 'ended-sessions';
const MARK = 'ended-sessions-mark';

/** The form of an id: what Redis says becomes the name of a file. */
const ID_PATTERN = /^[A-Za-z0-9_-]{22}$/;

const ADD = new RedisScript(`
redis.call('ZADD', KEYS[1], 'NX', ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', ARGV[3] - ARGV[4]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[4])
`);

/**
 * Sessions that were logged out at any instance: in Redis, which is asked for each page, and in this instance's
 * folder. Within a second each instance copies what the others ended, and gives back to Redis what it has lost,
 * so a Redis that is away or empty makes no log-out undone. What another instance ended while Redis was away is
 * known when it is back.
 *
 * Cost: one round trip for each request with a log-in, and one a second.
 */
export class RedisEndedSessions implements EndedSessions {
  private readonly logger = new Logger(RedisEndedSessions.name);
  private readonly timer: NodeJS.Timeout;
  /** The mark of the set that was copied last. */
  private copiedMark: string | undefined;
  private copying: Promise<void> | undefined;

  /**
   * @param files of this instance
   * @param longestMs how long a session lasts at most
   */
  constructor(
    private readonly redis: RedisConnection,
    private readonly files: FileEndedSessions,
    private readonly longestMs: number,
    private readonly clock: () => number,
  ) {
    this.timer = setInterval(() => void this.copy(), COPY_EVERY_MS).unref();
  }

  has(id: string): boolean | Promise<boolean> {
    if (this.files.has(id)) return true;
    return this.redis.isWorking ? this.ask(id) : false;
  }

  async add(id: string, nowMs: number): Promise<void> {
    await this.files.add(id, nowMs);
    try {
      await this.tell({ id, endedMs: nowMs });
    } catch {
      // The next copy tells Redis.
      this.copiedMark = undefined;
    }
  }

  /** Makes this instance and Redis know the same; what fails is made up for the next time. */
  copy(): Promise<void> {
    this.copying ??= this.copyBothWays()
      .catch((error: unknown) => {
        this.copiedMark = undefined;
        // A Redis that is away was told by its connection.
        if (this.redis.isWorking) this.warn(error);
      })
      .finally(() => {
        this.copying = undefined;
      });
    return this.copying;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async ask(id: string): Promise<boolean> {
    try {
      return (await this.redis.run((client) => client.zscore(SESSIONS, id))) !== null;
    } catch {
      return this.files.has(id);
    }
  }

  private async tell({ id, endedMs }: EndedSession): Promise<void> {
    const values = [endedMs, id, this.clock(), this.longestMs, randomUUID()].map(String);
    await this.redis.runScript(ADD, [SESSIONS, MARK], values);
  }

  private async copyBothWays(): Promise<void> {
    if (!this.redis.isWorking) {
      this.copiedMark = undefined;
      return;
    }
    // A Redis that is full may have dropped one of the two.
    const [mark, isThere] = await this.redis.run((client) =>
      Promise.all([client.get(MARK), client.exists(SESSIONS)]),
    );
    if (isThere === 1 && mark !== null && mark === this.copiedMark) return;
    const shared = parseSessions(
      await this.redis.run((client) => client.zrange(SESSIONS, 0, '-1', 'WITHSCORES')),
    ).filter((session) => this.isStillNeeded(session));
    for (const session of shared) if (!this.files.has(session.id)) await this.files.keep(session);
    const known = new Set(shared.map(({ id }) => id));
    for (const session of await this.files.list()) {
      if (this.isStillNeeded(session) && !known.has(session.id)) await this.tell(session);
    }
    this.copiedMark = mark ?? undefined;
  }

  private isStillNeeded({ endedMs }: EndedSession): boolean {
    return this.clock() < endedMs + this.longestMs;
  }

  private warn(error: unknown): void {
    this.logger.warn({
      msg: 'log-outs at other instances could not be copied to the folder of this one: while Redis is away, their sessions would count here',
      err: error instanceof Error ? error.message : undefined,
    });
  }
}

/** @param pairs ids and times in turn */
function parseSessions(pairs: readonly string[]): EndedSession[] {
  const sessions: EndedSession[] = [];
  for (let place = 0; place + 1 < pairs.length; place += 2) {
    const [id = '', endedMs = ''] = pairs.slice(place, place + 2);
    if (ID_PATTERN.test(id)) sessions.push({ id, endedMs: Number(endedMs) });
  }
  return sessions;
}
