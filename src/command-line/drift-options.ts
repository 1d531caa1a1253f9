import { type Span } from '../monitoring/span';
import { CommandError } from './command';
import { parseWords } from './parse-words';
import { readTime } from './read-time';

/** Which window to report, and what to do with the report. */
export interface DriftOptions {
  readonly span: Span;
  /** Print the report as JSON instead of a table. */
  readonly json: boolean;
  /** Keep the report where the service keeps its own. */
  readonly keep: boolean;
}

const HOUR_MS = 3_600_000;

export const DRIFT_USAGE = `Compares the decisions of a span of time with the reference of the model, as the service does by itself.

  npm run drift -- --from 2026-11-22 --to 2026-11-23 [--json] [--keep]

  --from, --to   the window, first moment included, last excluded: days (UTC) or times with their zone in
                 ISO 8601, such as 2026-11-22T06:00:00Z; on whole hours
  --json         prints the whole report, which also holds the bins
  --keep         keeps the report where the service keeps its own, as one made by hand; of hours that are over
  -h, --help     shows this

Reads the prediction log, of a running service too, and writes nothing without --keep. Decisions of other
models than the one of the settings are left out.

An input has drifted when its adjusted p-value is at most DRIFT_FDR and its PSI at least the first of
DRIFT_PSI. critical is the PSI that chance alone exceeds in 5 % of windows of this size. With fewer rows
than DRIFT_MIN_ROWS it is called neither stable nor drifted.

Settings (environment): MODELS_DIR, MODEL, DATA_DIR, DRIFT_PSI, DRIFT_FDR, DRIFT_MIN_ROWS, as for the service.

Exit code: 0 stable; 2 drifted, or too few rows to know; 1 failed; 130 interrupted (Ctrl-C).
`;

/**
 * Reads what was typed after `drift`.
 *
 * @param nowMs milliseconds since the epoch: a report that is kept must be about hours that are over
 * @throws {CommandError} naming the option that cannot be used and what it must be
 */
export function readDriftOptions(words: readonly string[], nowMs: number): DriftOptions | 'help' {
  const { values } = parseWords(words, {
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const fromMs = readHour('--from', values.from);
  const toMs = readHour('--to', values.to);
  if (fromMs >= toMs) throw new CommandError('--to must be later than --from. See --help.');
  if (values.keep && toMs > nowMs) {
    throw new CommandError(
      '--to must not be in the future with --keep: decisions may still come, and a kept report never changes. See --help.',
    );
  }
  return { span: { fromMs, toMs }, json: values.json, keep: values.keep };
}

function readHour(option: string, text: string | undefined): number {
  const time = readTime(option, text);
  if (time % HOUR_MS !== 0) throw new CommandError(`${option} must be on a whole hour (UTC). See --help.`);
  return time;
}
