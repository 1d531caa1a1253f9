import { errorCode } from '../../common/error-code';
import { probeSpace } from './probe-space';

/** What is wrong with the volume for whoever writes there; other errors are about this process alone. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on it',
  EDQUOT: 'make room on it or raise the quota',
  EROFS: 'mount it writable',
  EIO: "look at it and at the system's log",
};

/**
 * Whether the volume of the log's folder can be written, for a process that only reads the log: the one that writes it
 * cannot tell others that it cannot.
 *
 * @returns the reason and what to do; undefined while it can, or this cannot be told
 */
export async function findVolumeProblem(folder: string): Promise<string | undefined> {
  try {
    await probeSpace(folder);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    const advice = ADVICE[code];
    return advice && `The volume of the prediction log in ${folder} cannot be written (${code}): ${advice}`;
  }
}
