import { errorCode } from '../../common/error-code';
import { LogUnavailableError } from '../prediction-log';
import { LogFolderError } from './log-folder-error';
import { SyncFailure } from './segment-writer';

/** The queue empties within milliseconds unless the disk stands still. */
const RETRY_WHEN_FULL_SECONDS = 1;

/** Somebody, or a clean-up job, has to make room first. */
const RETRY_AFTER_FAILURE_SECONDS = 10;

/** The service ends and is started again. */
const RETRY_AFTER_RESTART_SECONDS = 30;

/** What to do, by the operating system's code. */
type Advice = Readonly<Record<string, string>>;

const TOO_MANY_FILES: Advice = {
  EMFILE: 'raise the limit of open files',
  ENFILE: 'raise the limit of open files',
};

const WRITE_ADVICE: Advice = {
  ...TOO_MANY_FILES,
  ENOSPC: 'make room on its volume; writing goes on by itself',
  EDQUOT: 'make room or raise the quota; writing goes on by itself',
  EACCES: "give the service's user the right to write there",
  EPERM: "give the service's user the right to write there",
  EROFS: 'mount its volume writable',
  EEXIST: 'another program wrote to it; stop that program and restart the service',
};
const OTHER_WRITE_ADVICE =
  "look at its volume and the system's log; writing is tried again with every record";

const READ_ADVICE: Advice = {
  ...TOO_MANY_FILES,
  EACCES: "give the service's user the right to read it",
  EPERM: "give the service's user the right to read it",
  ENOTDIR: 'it must be a folder',
};
const OTHER_READ_ADVICE = 'look at its volume; the next request tries again';

/** Nothing is accepted any more, as the service stops. */
export function closedForWriting(): LogUnavailableError {
  return new LogUnavailableError(
    'The prediction log is closed, as the service is stopping: ask again',
    RETRY_WHEN_FULL_SECONDS,
    { nothingKept: true },
  );
}

/** Nothing is accepted now, as too many records wait for their write. */
export function tooManyWaiting(waiting: number, path: string): LogUnavailableError {
  return new LogUnavailableError(
    `${String(waiting)} records wait to be written to ${path}: ` +
      'its volume is slower than the requests, look at it if this lasts',
    RETRY_WHEN_FULL_SECONDS,
    { nothingKept: true },
  );
}

/**
 * A write failed; the next one is tried.
 *
 * @param nothingKept whether it is certain that nothing of what was written stays
 */
export function writeFailed(path: string, error: unknown, nothingKept: boolean): LogUnavailableError {
  const code = errorCode(error);
  return new LogUnavailableError(
    `The prediction log ${path} cannot be written (${code}): ${WRITE_ADVICE[code] ?? OTHER_WRITE_ADVICE}`,
    RETRY_AFTER_FAILURE_SECONDS,
    { cause: error, nothingKept },
  );
}

/** What was written may not be on the disk; only a restart helps. */
export function syncFailed(path: string, error: SyncFailure): LogUnavailableError {
  return new LogUnavailableError(
    `The prediction log ${path} could not be made durable (${errorCode(error.cause)}): check its ` +
      'volume and restart the service; nothing is written before that, as the disk may not hold what was sent to it',
    RETRY_AFTER_RESTART_SECONDS,
    { cause: error },
  );
}

/** The folder could not be taken for writing. */
export function openFailed(folder: string, error: unknown): LogFolderError {
  const code = errorCode(error instanceof SyncFailure ? error.cause : error);
  const advice = WRITE_ADVICE[code] ?? 'look at its volume';
  return new LogFolderError(
    `The prediction log in ${folder} cannot be opened (${code}): ${advice}, then start again`,
    { cause: error },
  );
}

/** An error of the operating system while reading as one that says what to do; any other as it is. */
export function explainReadFailure(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  return new LogFolderError(
    `The prediction log in ${folder} cannot be read (${code}): ${READ_ADVICE[code] ?? OTHER_READ_ADVICE}`,
    { cause: error },
  );
}
