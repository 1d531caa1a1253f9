import { type Span } from '../span';
import { type DriftReport } from './drift-report';

/**
 * Names a report so that names sort by the end of their windows, and a window that the schedule reports has
 * only one name. Reports asked for by hand bear the time they were made at, because a window may have several.
 *
 * @returns characters that are safe in file names and addresses; `parseDriftReportId` reads it
 */
export function nameDriftReport(span: Span, trigger: DriftReport['trigger'], createdAtMs: number): string {
  const windowEnd = withoutColons(new Date(span.toMs).toISOString()).replace(/\.\d{3}Z$/, 'Z');
  return trigger === 'manual'
    ? `${windowEnd}.manual-${withoutColons(new Date(createdAtMs).toISOString())}`
    : windowEnd;
}

function withoutColons(time: string): string {
  return time.replaceAll(':', '-');
}
