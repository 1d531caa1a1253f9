/** The database cannot be used: the message names the setting, says why and what to do, and never holds the address. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
