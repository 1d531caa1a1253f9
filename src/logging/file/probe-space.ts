import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Room for some sixty decisions: less is no recovery. */
const PROBE_BYTES = 64 * 1024;

const PROBE_PATTERN = /^space-probe-[0-9a-f]{8}\.tmp$/;

/**
 * Writes a small file into the folder, makes it durable and removes it.
 *
 * @throws what the operating system answered when this is not possible
 */
export async function probeSpace(folder: string): Promise<void> {
  const path = join(folder, `space-probe-${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

/** Removes what a probe left behind that was killed. */
export async function removeSpaceProbes(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (PROBE_PATTERN.test(name)) await rm(join(folder, name), { force: true });
  }
}
