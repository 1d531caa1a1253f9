import { isExempt } from './is-exempt';

describe('isExempt', () => {
  it.each([
    ['/health', true],
    ['/health?x=1', true],
    ['/health/ready', true],
    ['/metrics', true],
    ['/healthy', false],
    ['/metrics2', false],
    ['/monitoring/health', false],
    ['/predict?/health', false],
  ])('%s: %s', (target, exempt) => {
    expect(isExempt(target)).toBe(exempt);
  });
});
