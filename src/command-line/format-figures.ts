const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** With one decimal: `1,234.5`. */
export function formatTenths(value: number): string {
  return TENTHS.format(value);
}

/** A part of a whole, as `12.3 %`; of nothing it is `0.0 %`. */
export function formatShare(part: number, whole: number): string {
  return `${formatTenths(whole === 0 ? 0 : (100 * part) / whole)} %`;
}

/** Events a second over a time; 0 when no time has passed. */
export function ratePerSecond(events: number, milliseconds: number): number {
  return milliseconds > 0 ? (1000 * events) / milliseconds : 0;
}

/** Counts by kind with their shares: `APPROVED: 12 (60.0 %) · REJECTED: 8 (40.0 %)`. */
export function formatCounts(counts: ReadonlyMap<string, number>): string {
  const whole = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .map(([kind, count]) => `${kind}: ${formatCount(count)} (${formatShare(count, whole)})`)
    .join(' · ');
}

/** A summary as lines, each with its heading in a column of its own. */
export function formatSummary(lines: readonly (readonly [heading: string, text: string])[]): string {
  const width = Math.max(...lines.map(([heading]) => heading.length)) + 2;
  return lines.map(([heading, text]) => `${heading.padEnd(width)}${text}\n`).join('');
}
