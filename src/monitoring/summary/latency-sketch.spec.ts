import { LatencySketch } from './latency-sketch';

function sketchOf(...milliseconds: readonly number[]): LatencySketch {
  const sketch = new LatencySketch();
  for (const value of milliseconds) sketch.add(value);
  return sketch;
}

describe('LatencySketch', () => {
  it('is the same merged or at once, also with a time that is shorter than a record can say', () => {
    const merged = sketchOf(1e-308, 1e-308);
    merged.merge(sketchOf(0.98));
    expect(merged.store()).toEqual(sketchOf(1e-308, 0.98, 1e-308).store());
    expect(merged.store()).toMatchObject({ zeros: 2 });
  });

  it('keeps the shortest time that a record can say', () => {
    expect(sketchOf(0.0001).percentiles()?.p50).toBeCloseTo(0.0001, 5);
    expect(sketchOf(0.0001).store()).toMatchObject({ zeros: 0 });
  });
});
