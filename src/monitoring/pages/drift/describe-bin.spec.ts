import { readerOf } from '../reader';
import { describeBin } from './describe-bin';

const range = (above: number | null, upTo: number | null) => ({ kind: 'range' as const, above, upTo });

describe('describeBin', () => {
  it.each([
    [range(null, 30_000), '≤ 30,000'],
    [range(30_000, 50_000), '30,001 – 50,000'],
    [range(-1, 0), '0'],
    [range(360_000, null), '≥ 360,001'],
  ])('names the first and the last whole number of %j', (bin, name) => {
    expect(describeBin(bin, true, readerOf('en'))).toBe(name);
  });

  it.each([
    [range(null, 0.0529), '≤ 0.0529'],
    [range(0.0529, 0.076), '> 0.0529 – 0.076'],
    [range(0.076, null), '> 0.076'],
    [range(null, null), 'all values'],
  ])('names the bounds of %j', (bin, name) => {
    expect(describeBin(bin, false, readerOf('en'))).toBe(name);
  });

  it('keeps bounds that are no whole numbers although the values are', () => {
    expect(describeBin(range(1.5, 2.5), true, readerOf('en'))).toBe('> 1.5 – 2.5');
  });

  it.each([
    [{ kind: 'category' as const, category: 'female' }, 'female'],
    [{ kind: 'missing' as const }, 'manquant'],
    [{ kind: 'unseen' as const }, 'inconnu'],
  ])('names %j', (bin, name) => {
    expect(describeBin(bin, false, readerOf('fr'))).toBe(name);
  });
});
