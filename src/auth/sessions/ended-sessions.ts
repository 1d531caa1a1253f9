import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Sessions that were logged out, as empty files that bear their ids: every process on the volume sees one at
 * once, a restart forgets none, and two processes never write to the same file.
 */
export class EndedSessions {
  /** @param folder made when the first session ends */
  constructor(private readonly folder: string) {}

  /** Cost: one system call; only log-ins to the pages pay it. */
  has(id: string): boolean {
    return existsSync(join(this.folder, id));
  }

  /** Also clears away those that would be over by now. @param longestMs how long a session lasts at most */
  async add(id: string, nowMs: number, longestMs: number): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await (await open(join(this.folder, id), 'w', 0o600)).close();
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const endedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity;
      if (endedMs + longestMs < nowMs) await rm(path, { force: true });
    }
  }
}
