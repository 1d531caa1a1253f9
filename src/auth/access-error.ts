/** Access control that cannot start or be changed. The message names the file and the key, and what to do. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}
