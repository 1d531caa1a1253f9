import { readTime } from './read-time';

it.each([
  { text: '2026-11-22', means: '2026-11-22T00:00:00.000Z' },
  { text: '2026-11-22T06:00Z', means: '2026-11-22T06:00:00.000Z' },
  { text: '2026-11-22T06:00:00+02:00', means: '2026-11-22T04:00:00.000Z' },
  { text: '2026-11-22T06:00:00.123456789Z', means: '2026-11-22T06:00:00.123Z' },
])('reads $text', ({ text, means }) => {
  expect(new Date(readTime('--from', text)).toISOString()).toBe(means);
});

it.each([
  undefined,
  '',
  'yesterday',
  '2026-02-30',
  '2026-02-30T06:00:00Z',
  '2026-11-22T25:00:00Z',
  '2026-11-22T06:00:00',
  '0050-01-01',
  '12026-01-01',
])('refuses %p, without repeating it', (text) => {
  expect(() => readTime('--from', text)).toThrow(
    '--from must be a day or a time with its zone in ISO 8601, such as 2026-01-31 or 2026-01-31T06:00:00Z. See --help.',
  );
});
