import { realpath, stat } from 'node:fs/promises';
import { type Stats } from 'node:fs';
import { join, parse } from 'node:path';
import { CommandError } from './command';
import { explainSystemError, readSystemErrorCode } from './explain-system-error';

/** The files of a scoring run, checked against each other. */
export interface ScorePaths {
  readonly input: string;
  /** Size of the input; undefined when it is a pipe. */
  readonly inputBytes: number | undefined;
  readonly output: string;
  /** Beside the output: `out.csv` has `out.errors.csv`. */
  readonly errors: string;
}

/**
 * Checks the two paths of a scoring run before any work is done.
 *
 * @throws {CommandError} no input, a folder, or an output that would replace the input
 */
export async function checkScorePaths(input: string, output: string): Promise<ScorePaths> {
  const found = await look(input);
  if (found === undefined) {
    throw new CommandError(`${input}: there is no such file. Expected a CSV file of applications.`);
  }
  if (found.isDirectory()) {
    throw new CommandError(`${input}: it is a folder. Expected a CSV file of applications.`);
  }
  const target = await resolveLink(output);
  const { dir, name } = parse(target);
  const errors = join(dir, `${name}.errors.csv`);
  for (const file of [target, errors]) {
    const old = await look(file);
    if (old === undefined) continue;
    if (old.ino === found.ino && old.dev === found.dev) {
      throw new CommandError(
        `${file}: the result would replace the file that is read. Name another file for the result.`,
      );
    }
    if (!old.isFile()) {
      throw new CommandError(
        `${file}: it is there already and is no ordinary file. Name another file for the result.`,
      );
    }
  }
  return { input, inputBytes: found.isFile() ? found.size : undefined, output: target, errors };
}

async function look(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (readSystemErrorCode(error) === 'ENOENT') return undefined;
    throw new CommandError(`${file}: cannot be used: ${explainSystemError(error)}. Check the path.`, {
      cause: error,
    });
  }
}

/** A result written to a link replaces what the link points to, not the link. */
async function resolveLink(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    return file;
  }
}
