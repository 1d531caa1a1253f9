import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { writeNewVersion } from './write-new-version';
import { DAMAGED_LINES } from './segment-files';

/** A line of `damaged-lines.ndjson`, as far as it could be read. */
export interface SetAsideEntry {
  /** Raw bytes of the damaged line. */
  readonly bytes: Buffer;
  /** Milliseconds since the epoch; undefined when the entry itself was cut off. */
  readonly setAsideAtMs: number | undefined;
}

/** What is to become of an entry: stay as it is, keep all but its bytes, or go. */
export type SetAsideChange = 'keep' | 'empty' | 'remove';

const BASE64_MEMBER = /"base64":"([A-Za-z0-9+/=]*)/;
const TIME_MEMBER = /"setAsideAt":"([^"]*)"/;

/**
 * Removes what must not be kept from `damaged-lines.ndjson`. The service writes that file only while it starts:
 * call this when it runs, or cannot start.
 *
 * @param choose what is to become of an entry
 * @returns how many entries were emptied or removed
 */
export async function changeSetAsideLines(
  folder: string,
  choose: (entry: SetAsideEntry) => SetAsideChange,
): Promise<number> {
  const path = join(folder, DAMAGED_LINES);
  if (!(await exists(path))) return 0;
  const entries = (await readFile(path, 'latin1')).split('\n').filter((entry) => entry !== '');
  let changed = 0;
  const kept: string[] = [];
  for (const entry of entries) {
    const change = choose(read(entry));
    if (change !== 'keep') changed += 1;
    if (change === 'keep') kept.push(`${entry}\n`);
    // Cut off within its bytes, it says nothing that is worth keeping.
    else if (change === 'empty' && entry.endsWith('"}'))
      kept.push(`${entry.replace(BASE64_MEMBER, '"base64":"')}\n`);
  }
  if (changed === 0) return 0;
  await writeNewVersion(path, (file) => file.writeFile(kept.join(''), 'latin1'));
  if (kept.length === 0) await rm(path, { force: true });
  return changed;
}

function read(entry: string): SetAsideEntry {
  const time = Date.parse(TIME_MEMBER.exec(entry)?.[1] ?? '');
  return {
    bytes: Buffer.from(BASE64_MEMBER.exec(entry)?.[1] ?? '', 'base64'),
    setAsideAtMs: Number.isNaN(time) ? undefined : time,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
