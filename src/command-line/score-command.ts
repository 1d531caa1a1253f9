import { type ModelIdentity } from '../model/model-registry';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { formatCount, formatCounts, formatSummary, ratePerSecond } from './format-figures';
import { loadModels } from './load-models';
import { parseWords } from './parse-words';
import { startProgress } from './progress';
import { scoreFile, type ScoreReport } from './score-file';
import { checkScorePaths, type ScorePaths } from './score-paths';

const USAGE = `Scores a CSV file of credit applications with the model the service would use.

  npm run score -- <in.csv> <out.csv>

in.csv    a header with the names of the inputs, in any order; clientId and protected attributes if you
          like. Comma-separated, UTF-8. Other columns are ignored and named in the summary.
out.csv   row (from 1; the header and empty lines do not count), clientId, probability (of default, full
          precision), score, decision. Rows that were refused are left out.

Rows that are not valid go to out.errors.csv, named after out.csv: row, line in in.csv, field, code,
reason; one line per problem, never the value. Without such rows there is no such file.

Both files replace those of an earlier run, in one step at the very end: a run that fails or is
interrupted changes nothing. Nothing is written to the prediction log.

Settings (environment): MODELS_DIR, MODEL, as for the service.

  -h, --help   shows this

Exit code: 0 every row was scored; 2 out.csv is complete, but rows were refused; 1 failed, nothing was
written; 130 interrupted (Ctrl-C), nothing was written.
`;

/** `npm run score`: scores a file of applications; nothing is recorded. */
export async function score(surroundings: Surroundings): Promise<ExitCode> {
  const words = readWords(surroundings.words);
  if (words === 'help') {
    surroundings.output.write(USAGE);
    return EXIT_CODES.done;
  }
  const paths = await checkScorePaths(words.input, words.output);
  const models = await loadModels(surroundings.environment);
  const progress = startProgress(surroundings.messages, 'score', paths.inputBytes);
  let report: ScoreReport;
  try {
    report = await scoreFile(paths, models, progress, surroundings.signal);
  } finally {
    progress.stop();
  }
  const { identity, parityRows } = models.champion();
  surroundings.output.write(describe(report, paths, identity, parityRows));
  return report.refused === 0 ? EXIT_CODES.done : EXIT_CODES.partlyDone;
}

function readWords(words: readonly string[]): { readonly input: string; readonly output: string } | 'help' {
  const { values, positionals } = parseWords(words, {
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return 'help';
  const [input, output, ...others] = positionals;
  if (input !== undefined && output !== undefined && others.length === 0) return { input, output };
  throw new CommandError(
    'expected two files, the applications and the results: npm run score -- in.csv out.csv. See --help.',
  );
}

function describe(report: ScoreReport, paths: ScorePaths, model: ModelIdentity, parityRows: number): string {
  const { rows, refused, problems, decisions, durationMs, columns } = report;
  const scored = rows - refused;
  const rate = formatCount(ratePerSecond(rows, durationMs));
  const errors = `, ${paths.errors} (${formatCount(problems)} problems)`;
  return formatSummary([
    ['Model', `${model.name} ${model.version}, equal to scikit-learn on ${formatCount(parityRows)} rows`],
    ['SHA-256', model.sha256],
    ['Rows', `${formatCount(rows)} read, ${formatCount(scored)} scored, ${formatCount(refused)} refused`],
    ['Decisions', formatCounts(decisions)],
    ['Speed', `${rate} rows/s (${(durationMs / 1000).toFixed(1)} s)`],
    ...(columns.ignored.length > 0
      ? [['Ignored', `columns that are no input: ${shorten(columns.ignored)}`] as const]
      : []),
    ...(columns.absent.length > 0
      ? [['Absent', `inputs without a column, missing in every row: ${columns.absent.join(', ')}`] as const]
      : []),
    ['Written', `${paths.output} (${formatCount(scored)} rows)${problems > 0 ? errors : ''}`],
    ['Recorded', 'nothing: these decisions are not in the prediction log'],
  ]);
}

/** A spreadsheet can have hundreds of columns. */
function shorten(names: readonly string[]): string {
  const shown = 20;
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${formatCount(names.length - shown)} more`;
}
