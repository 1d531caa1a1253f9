import { Formats } from './formats';

const en = new Formats('en-GB');
const fr = new Formats('fr-FR');
/** Intl separates by several kinds of space. */
const plain = (text: string): string => text.replace(/\s/g, ' ');

describe('Formats', () => {
  it.each([
    [en.integer(12_345), '12,345'],
    [fr.integer(12_345), '12 345'],
    [en.decimal(0.031_41), '0.0314'],
    [en.decimal(12_345.6), '12,346'],
    [fr.fixed(0.5, 3), '0,500'],
    [en.share(0.1234), '12.3%'],
    [fr.share(0.000_4), '0,04 %'],
    [en.change(0.12), '+12%'],
    [en.change(-0.005), '-0.5%'],
    [en.points(0.012), '+1.2'],
    [en.pValue(0), '< 0.0001'],
    [en.pValue(0.000_05), '< 0.0001'],
    [fr.pValue(0.031), '0,031'],
    [en.milliseconds(0.612), '0.61 ms'],
    [en.milliseconds(12.34), '12.3 ms'],
    [fr.milliseconds(1_250), '1,3 s'],
    [en.megabytes(182_400_000), '182 MB'],
    [fr.megabytes(182_400_000), '182 Mo'],
    [en.duration(42_000), '42 seconds'],
    [en.duration(86_400_000), '24 hours'],
    [fr.duration(7 * 86_400_000), '7 jours'],
  ])('writes %s', (text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  it('writes a dash where there is no number', () => {
    for (const text of [
      en.integer(null),
      en.decimal(null),
      en.share(null),
      en.milliseconds(null),
      en.pValue(null),
    ])
      expect(text).toBe('–');
  });

  it('writes times in UTC and says so, and days as days of UTC', () => {
    const at = Date.UTC(2026, 10, 23, 23, 5, 9);
    expect(en.time(at)).toEqual({
      iso: '2026-11-23T23:05:09.000Z',
      text: '23 Nov 2026, 23:05 UTC',
      precision: 'minute',
    });
    expect(fr.time(at, 'second').text).toBe('23 nov. 2026, 23:05:09 UTC');
    expect(en.day(at)).toMatchObject({ text: '23 Nov 2026', precision: 'day' });
  });
});
