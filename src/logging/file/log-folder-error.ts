/** The log's folder cannot be used; the message says which, why, and what to do. */
export class LogFolderError extends Error {
  override readonly name = 'LogFolderError';
}

/** Another process writes there: it is in use, and nothing is wrong with it. */
export class LogFolderTakenError extends LogFolderError {}
