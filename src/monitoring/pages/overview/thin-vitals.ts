import { type VitalsPoint } from '../../vitals/vitals';

const MINUTE_MS = 60_000;

/**
 * One point a minute of what is measured every few seconds: the mean of the CPU share, the largest memory and
 * the longest delay, so that no peak is lost.
 *
 * @param points oldest first
 * @returns oldest first; each at the begin of its minute
 */
export function thinVitals(points: readonly VitalsPoint[]): VitalsPoint[] {
  const minutes = new Map<number, VitalsPoint[]>();
  for (const point of points) {
    const minute = Math.floor(point.atMs / MINUTE_MS) * MINUTE_MS;
    const group = minutes.get(minute);
    if (group) group.push(point);
    else minutes.set(minute, [point]);
  }
  return [...minutes].map(([atMs, group]) => ({
    atMs,
    cpuShare: group.reduce((sum, point) => sum + point.cpuShare, 0) / group.length,
    residentBytes: Math.max(...group.map((point) => point.residentBytes)),
    eventLoopDelayP99Ms: Math.max(...group.map((point) => point.eventLoopDelayP99Ms)),
  }));
}
