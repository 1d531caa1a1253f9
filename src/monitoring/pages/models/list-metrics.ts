/** One number of a bundle's metrics. */
export interface Metric {
  /** Keys from the outermost on, such as `['holdout', 'rocAuc']`. */
  readonly path: readonly string[];
  readonly value: number;
  /** Bounds of its interval, when the bundle has `{ value, low, high }`. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Standard deviation over folds, when the bundle has `{ mean, standardDeviation }`. */
  readonly deviation: number | null;
}

/** Deeper nesting than any report of metrics has. */
const DEEPEST = 6;

/** Parts with a table of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['importance', 'decisions']);

/**
 * All numbers of a bundle's `training.metrics`, whatever its shape, in its order: intervals and means over
 * folds as one, lists and texts left out.
 */
export function listMetrics(metrics: Readonly<Record<string, unknown>>): Metric[] {
  const shown = Object.entries(metrics).filter(([name]) => !ELSEWHERE.has(name));
  return shown.flatMap(([name, value]) => collect(value, [name]));
}

function collect(value: unknown, path: readonly string[]): Metric[] {
  if (typeof value === 'number' && Number.isFinite(value))
    return [{ path, value, interval: null, deviation: null }];
  if (typeof value !== 'object' || value === null || Array.isArray(value) || path.length >= DEEPEST)
    return [];
  const members = new Map<string, unknown>(Object.entries(value));
  const number = (name: string): number | undefined => {
    const member = members.get(name);
    return typeof member === 'number' && Number.isFinite(member) ? member : undefined;
  };
  const [point, low, high] = [number('value'), number('low'), number('high')];
  if (point !== undefined && low !== undefined && high !== undefined)
    return [{ path, value: point, interval: [low, high], deviation: null }];
  const [mean, deviation] = [number('mean'), number('standardDeviation')];
  if (mean !== undefined && deviation !== undefined)
    return [{ path, value: mean, interval: null, deviation }];
  return [...members].flatMap(([name, member]) => collect(member, [...path, name]));
}
