/** The time inside a record's id, milliseconds since the epoch: the first 48 bits of a UUIDv7. */
export function readIdTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
