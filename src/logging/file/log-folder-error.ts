/** The log's folder cannot be used; the message says which, why, and what to do. */
export class LogFolderError extends Error {
  override readonly name = 'LogFolderError';
}
