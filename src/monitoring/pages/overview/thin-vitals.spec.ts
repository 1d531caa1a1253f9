import { thinVitals } from './thin-vitals';

describe('thinVitals', () => {
  it('makes one point a minute: mean CPU, most memory, longest delay', () => {
    const point = (atMs: number, value: number): Parameters<typeof thinVitals>[0][number] => ({
      atMs,
      cpuShare: value,
      residentBytes: value,
      eventLoopDelayP99Ms: value,
    });
    expect(thinVitals([point(61_000, 1), point(119_999, 3), point(120_000, 5)])).toEqual([
      { atMs: 60_000, cpuShare: 2, residentBytes: 3, eventLoopDelayP99Ms: 3 },
      { atMs: 120_000, cpuShare: 5, residentBytes: 5, eventLoopDelayP99Ms: 5 },
    ]);
  });

  it('has nothing to say right after the start', () => {
    expect(thinVitals([])).toEqual([]);
  });
});
