import { drawTrend } from './draw-trend';

describe('drawTrend', () => {
  it('keeps the threshold in sight of values far below it', () => {
    // The axis ends at 1.5 times the threshold: 2/3 of the 24 units up from the lower margin.
    expect(drawTrend([0, 0], 0.1)).toEqual({
      path: 'M2.0 26.0L118.0 26.0',
      threshold: '10.0',
      end: { x: '118.0', y: '26.0' },
    });
  });

  it('reaches up to the largest value', () => {
    expect(drawTrend([0.1, 0.4], 0.1)).toMatchObject({ threshold: '20.0', end: { y: '2.0' } });
  });

  it('marks a single value at the end, and draws nothing without any', () => {
    expect(drawTrend([0.1], 0.1)?.path).toBe('M118.0 10.0');
    expect(drawTrend([], 0.1)).toBeNull();
  });
});
