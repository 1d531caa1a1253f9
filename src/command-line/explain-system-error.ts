const EXPLANATIONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is refused',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become larger than files may be here',
  EHOSTUNREACH: 'the host cannot be reached',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no folder',
  ENOTFOUND: 'there is no host of this name',
  EPERM: 'permission is refused',
  EROFS: 'the disk is read-only',
  ETIMEDOUT: 'nothing answered in time',
};

/** What the operating system refused, in words, with its code for a search; never a path or an address. */
export function explainSystemError(error: unknown): string {
  const code = readSystemErrorCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const explanation = EXPLANATIONS[code];
  return explanation === undefined ? code : `${explanation} (${code})`;
}

/** The operating system's code, such as `ENOENT`; undefined when the error is of another kind. */
export function readSystemErrorCode(error: unknown): string | undefined {
  const code: unknown = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
