/**
 * An argument that no statistic can be computed from. The message names the argument, its place and what was
 * expected, never the value. A statistic throws rather than answer something that could be read as "stable".
 */
export class StatisticsError extends Error {
  override readonly name = 'StatisticsError';
}
