import { parseWords } from './parse-words';

const CONFIG = { options: { from: { type: 'string' }, all: { type: 'boolean', default: false } } } as const;

it('gives the options that were typed, and those that stand otherwise', () => {
  expect({ ...parseWords(['--from', 'a'], CONFIG).values }).toEqual({ from: 'a', all: false });
  expect(parseWords(['a', 'b'], { ...CONFIG, allowPositionals: true }).positionals).toEqual(['a', 'b']);
});

it.each([
  { words: ['--since', 'a'], message: "Unknown option '--since'. See --help." },
  { words: ['--from'], message: "Option '--from <value>' argument missing. See --help." },
  { words: ['--from', '--all'], message: "Option '--from' argument is ambiguous. See --help." },
  { words: ['client-0001'], message: 'A word stands without its option. See --help.' },
])('says in one line what is wrong with $words, and repeats no value', ({ words, message }) => {
  expect(() => parseWords(words, CONFIG)).toThrow(
    expect.objectContaining({ name: 'CommandError', message }) as Error,
  );
});
