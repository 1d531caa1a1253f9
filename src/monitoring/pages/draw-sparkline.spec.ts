import { drawSparkline } from './draw-sparkline';

describe('drawSparkline', () => {
  it('draws from left to right, the largest value on top, within the margins of 120 × 28', () => {
    expect(drawSparkline([0, 5, 10])).toBe('M2.0 26.0L60.0 14.0L118.0 2.0');
  });

  it('leaves a gap where nothing was measured', () => {
    expect(drawSparkline([4, null, 4, 4])).toBe('M2.0 2.0M79.3 2.0L118.0 2.0');
  });

  it('keeps small noise small when the axis has a least height', () => {
    expect(drawSparkline([0, 1], 10)).toBe('M2.0 26.0L118.0 23.6');
  });

  it.each([[[]], [[3]], [[null, 3, null]]])('draws nothing for %j: a point is no trend', (values) => {
    expect(drawSparkline(values)).toBeNull();
  });

  it('draws a line at the bottom when all is zero', () => {
    expect(drawSparkline([0, 0])).toBe('M2.0 26.0L118.0 26.0');
  });
});
