/** A time that says no zone, as date fields of browsers send it, is UTC: the form says so. */
export function asUtc(time: string): string {
  return /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(time) ? `${time}Z` : time;
}
