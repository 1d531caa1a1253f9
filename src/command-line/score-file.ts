import { performance } from 'node:perf_hooks';
import { type ActiveModels } from '../model/active-models';
import { ApplicationChecker } from '../prediction/application-checker';
import { describeRowLength } from '../prediction/csv-applications';
import { type BatchEntry, FEATURE_TOO_LARGE, isRefused, scoreBatch } from '../prediction/score-batch';
import { computeScore } from '../scoring/policy/compute-score';
import { decide, DECISIONS, type Decision } from '../scoring/policy/decide';
import { formatCount, ratePerSecond } from './format-figures';
import { type Progress } from './progress';
import { type CsvRow, readCsvRows } from './read-csv-rows';
import { type ApplicationColumns, readHeader } from './read-header';
import { ScoreOutput } from './score-output';
import { type ScorePaths } from './score-paths';

/** Rows scored together: enough to be fast, little to keep. */
const ROWS_IN_BATCH = 1_000;

/** What a scoring run did. */
export interface ScoreReport {
  readonly columns: Pick<ApplicationColumns, 'ignored' | 'absent'>;
  readonly rows: number;
  readonly refused: number;
  /** Lines of the errors file: a row may have several. */
  readonly problems: number;
  readonly decisions: ReadonlyMap<Decision, number>;
  /** From opening the file to the results in place, milliseconds. */
  readonly durationMs: number;
}

/**
 * Scores a file of applications. Memory does not grow with the file.
 *
 * @throws {CommandError} when a file cannot be read, understood or written; then no file has changed
 * @throws {Error} `AbortError` when `signal` is aborted; then no file has changed either
 */
export async function scoreFile(
  paths: ScorePaths,
  models: ActiveModels,
  progress: Progress,
  signal: AbortSignal,
): Promise<ScoreReport> {
  const started = performance.now();
  const rows = readCsvRows(paths.input, signal);
  const first = await rows.next();
  const columns = readHeader(models.champion().bundle, paths.input, first.value ?? undefined);
  const output = await ScoreOutput.create(paths);
  try {
    const run = new ScoreRun(models, columns, output);
    for await (const batch of inBatches(rows)) {
      await run.scoreRows(batch);
      signal.throwIfAborted();
      const rate = ratePerSecond(run.rows, performance.now() - started);
      progress.update(
        batch.at(-1)?.endByte ?? 0,
        `${formatCount(run.rows)} rows, ${formatCount(rate)} rows/s`,
      );
    }
    await output.publish();
    const { refused, problems, decisions } = run;
    const durationMs = performance.now() - started;
    return { columns, rows: run.rows, refused, problems, decisions, durationMs };
  } finally {
    await output.discard();
  }
}

async function* inBatches(rows: AsyncGenerator<CsvRow, void>): AsyncGenerator<CsvRow[], void> {
  let batch: CsvRow[] = [];
  for await (const row of rows) {
    if (batch.push(row) < ROWS_IN_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Scores batch by batch and keeps count. */
class ScoreRun {
  rows = 0;
  refused = 0;
  problems = 0;
  readonly decisions = new Map<Decision, number>(DECISIONS.map((decision) => [decision, 0]));
  private readonly checker: ApplicationChecker;

  constructor(
    private readonly models: ActiveModels,
    private readonly columns: ApplicationColumns,
    private readonly output: ScoreOutput,
  ) {
    this.checker = new ApplicationChecker(models);
  }

  async scoreRows(batch: readonly CsvRow[]): Promise<void> {
    const model = this.models.champion();
    const { policy } = model.bundle;
    const entries = batch.map((row) => this.checkRow(row));
    const probabilities = scoreBatch(model, entries);
    const results: (string | number)[][] = [];
    const errors: (string | number)[][] = [];
    for (const [place, { line }] of batch.entries()) {
      this.rows += 1;
      const entry = entries[place] ?? [];
      const probability = probabilities[place];
      if (isRefused(entry) || probability === undefined) {
        this.refused += 1;
        for (const { field, code, message } of isRefused(entry) ? entry : FEATURE_TOO_LARGE) {
          errors.push([this.rows, line, field, code, message]);
        }
        continue;
      }
      const decision = decide(policy, probability);
      this.decisions.set(decision, (this.decisions.get(decision) ?? 0) + 1);
      const score = computeScore(policy.points, probability);
      results.push([this.rows, entry.clientId ?? '', probability, score, decision]);
    }
    this.problems += errors.length;
    await this.output.appendResults(results);
    await this.output.appendErrors(errors);
  }

  private checkRow({ cells }: CsvRow): BatchEntry {
    if (cells.length !== this.columns.count) return [describeRowLength(this.columns.count, cells.length)];
    const checked = this.checker.check(this.columns.readRow(cells));
    return 'application' in checked ? checked.application : checked.problems;
  }
}
