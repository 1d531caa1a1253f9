import { CommandError } from './command';
import { parseWords } from './parse-words';

/** What to replay, where to, and how fast. */
export interface ReplayOptions {
  readonly url: URL;
  readonly file: string;
  readonly rows: number;
  /** Requests a second. */
  readonly rate: number;
}

const DEFAULTS = {
  url: 'http://127.0.0.1:8000',
  file: 'data/samples/holdout.csv',
  rows: '1000',
  rate: '100',
} as const;

/** The latencies of all are kept until the end: eight megabytes. */
const MOST_ROWS = 1_000_000;

/** More is a load test, which one process like this cannot drive. */
const HIGHEST_RATE = 10_000;

const WHOLE_NUMBER = /^\d{1,9}$/;
const NUMBER = /^\d{1,9}(\.\d{1,9})?$/;

export const REPLAY_USAGE = `Sends applications from a CSV file to a running service, one request each, and compares its answers with
scikit-learn's.

  npm run replay -- [--url ${DEFAULTS.url}] [--rows ${DEFAULTS.rows}] [--rate ${DEFAULTS.rate}] [--file ${DEFAULTS.file}]

  --url    the service: http or https, with the path it is served under, if any
  --rows   how many applications to send, at most ${MOST_ROWS}; after its last row the file starts over
  --rate   requests a second, at most ${HIGHEST_RATE}. They are sent when they are due, whether or not
           earlier ones have been answered, as clients do; with 256 unanswered, sending waits.
  --file   CSV with the inputs as columns, as npm run score takes it. A column probability holds what
           scikit-learn answered; it is not sent, nor are other columns an application has not.
  -h, --help   shows this

The service keeps a record of each decision, as of any other. Latency counts from the moment a request
was due.

Settings (environment): MODELS_DIR, MODEL, as for the service: they say which columns are inputs; API_KEY,
or API_KEY_FILE, a file that holds it: the key for a service with AUTH=on, with the scope predict. Over http it
can be read on its way: send it to another machine over https only.

Exit code: 0 every request was answered with 200 and every probability was scikit-learn's, bit for bit;
1 otherwise; 130 interrupted (Ctrl-C), after the summary so far.
`;

/**
 * Reads what was typed after `replay`.
 *
 * @throws {CommandError} naming the option that cannot be used and what it must be
 */
export function readReplayOptions(words: readonly string[]): ReplayOptions | 'help' {
  const text = (standard: string): { type: 'string'; default: string } => ({
    type: 'string',
    default: standard,
  });
  const { values } = parseWords(words, {
    options: {
      url: text(DEFAULTS.url),
      file: text(DEFAULTS.file),
      rows: text(DEFAULTS.rows),
      rate: text(DEFAULTS.rate),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  return {
    url: readUrl(values.url),
    file: values.file,
    rows: readRows(values.rows),
    rate: readRate(values.rate),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CommandError(
      `--url must be the http or https address of a service, without a user, such as ${DEFAULTS.url}. See --help.`,
    );
  }
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function readRows(text: string): number {
  const rows = WHOLE_NUMBER.test(text) ? Number(text) : NaN;
  if (rows >= 1 && rows <= MOST_ROWS) return rows;
  throw new CommandError(`--rows must be a whole number from 1 to ${MOST_ROWS}. See --help.`);
}

function readRate(text: string): number {
  const rate = NUMBER.test(text) ? Number(text) : NaN;
  if (rate > 0 && rate <= HIGHEST_RATE) return rate;
  throw new CommandError(`--rate must be a number above 0, at most ${HIGHEST_RATE}. See --help.`);
}
