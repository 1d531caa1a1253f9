import { promises as files } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditFolder } from '../../src/audit/file/audit-folder';
import { FileLogUpkeep } from '../../src/audit/file/file-log-upkeep';
import { eraseClient } from '../../src/audit/erase-client';
import { FileSummaryStore } from '../../src/monitoring/summary/file-summary-store';
import { SummaryRetention } from '../../src/monitoring/summary/summary-retention';

/** What changes a folder or a file: before each of these the process may be killed. */
const FOLDER_CALLS = ['open', 'rename', 'rm', 'mkdir', 'writeFile'] as const;
const FILE_CALLS = ['write', 'writeFile', 'truncate', 'sync', 'datasync', 'chown'] as const;

type Callable = Record<string, (...parameters: unknown[]) => unknown>;

/** Erases a client and kills itself before the given change of the disk; prints the number of changes if it lives. */
async function main(folder: string, clientId: string, killBefore: number): Promise<void> {
  let changes = 0;
  const killInTime = (target: Callable, names: readonly string[]): void => {
    for (const name of names) {
      const original = target[name];
      if (original === undefined) throw new Error(`Node has no ${name} any more`);
      target[name] = function (this: unknown, ...parameters: unknown[]): unknown {
        changes += 1;
        if (changes === killBefore) process.kill(process.pid, 'SIGKILL');
        return original.apply(this, parameters);
      };
    }
  };
  const handle = await open(folder, 'r');
  killInTime(Object.getPrototypeOf(handle) as Callable, FILE_CALLS);
  await handle.close();
  killInTime(files as unknown as Callable, FOLDER_CALLS);
  const store = new FileSummaryStore(join(folder, 'monitoring', 'summaries'), new SummaryRetention(24, 760));
  await eraseClient(
    { clientId, reason: 'a request' },
    {
      upkeep: new FileLogUpkeep({ folder, fsync: 'never' }, Date.now),
      clock: Date.now,
      audit: new AuditFolder(folder, 'never', Date.now),
      context: { caller: 'tester' },
      eraseSamples: (recordTimes) => store.eraseSamples(recordTimes),
      signal: new AbortController().signal,
    },
  );
  console.log(changes);
}

void main(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4]));
