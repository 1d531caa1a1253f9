import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type EndedSessions } from './ended-sessions';

/** A session, and when it was logged out: milliseconds since the epoch. */
export interface EndedSession {
  readonly id: string;
  readonly endedMs: number;
}

/**
 * Sessions that were logged out, as empty files that bear their ids: every process on the volume sees one at
 * once, a restart forgets none, and two processes never write to the same file.
 */
export class FileEndedSessions implements EndedSessions {
  /**
   * @param folder made when the first session ends
   * @param longestMs how long a session lasts at most
   */
  constructor(
    private readonly folder: string,
    private readonly longestMs: number,
  ) {}

  /** Cost: one system call; only log-ins to the pages pay it. */
  has(id: string): boolean {
    return existsSync(join(this.folder, id));
  }

  /** Also clears away those that would be over by now. */
  async add(id: string, nowMs: number): Promise<void> {
    await this.keep({ id, endedMs: nowMs });
    for (const ended of await this.list()) {
      if (ended.endedMs + this.longestMs < nowMs) await rm(join(this.folder, ended.id), { force: true });
    }
  }

  /** Keeps one that may have ended a while ago, elsewhere. */
  async keep({ id, endedMs }: EndedSession): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, id);
    await (await open(path, 'w', 0o600)).close();
    await utimes(path, endedMs / 1_000, endedMs / 1_000);
  }

  /** All that are kept here. */
  async list(): Promise<EndedSession[]> {
    const sessions: EndedSession[] = [];
    for (const id of await readdir(this.folder).catch(() => [])) {
      // Another process may have removed it.
      const endedMs = (await stat(join(this.folder, id)).catch(() => undefined))?.mtimeMs;
      if (endedMs !== undefined) sessions.push({ id, endedMs });
    }
    return sessions;
  }

  close(): void {
    // Nothing goes on.
  }
}
