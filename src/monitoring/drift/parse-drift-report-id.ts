/** What the name of a drift report says. */
export interface DriftReportName {
  readonly windowEndMs: number;
  /** When a report asked for by hand was made; null for one of the schedule. */
  readonly manualAtMs: number | null;
}

/** Nothing that could lead out of a folder fits. */
const ID_PATTERN =
  /^(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z)(?:\.manual-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z))?$/;

/** Reads a name that `nameDriftReport` gave; undefined for anything else, because ids come out of addresses. */
export function parseDriftReportId(id: string): DriftReportName | undefined {
  const [, windowEnd, manual] = ID_PATTERN.exec(id) ?? [];
  if (windowEnd === undefined) return undefined;
  const windowEndMs = readTime(windowEnd);
  const manualAtMs = manual === undefined ? null : readTime(manual);
  return Number.isNaN(windowEndMs) || Number.isNaN(manualAtMs) ? undefined : { windowEndMs, manualAtMs };
}

function readTime(text: string): number {
  return Date.parse(text.replace(/T(\d{2})-(\d{2})-/, 'T$1:$2:'));
}
