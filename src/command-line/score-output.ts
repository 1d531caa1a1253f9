import { rm } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import { type ScorePaths } from './score-paths';
import { StagedFile } from './staged-file';

const RESULT_COLUMNS = ['row', 'clientId', 'probability', 'score', 'decision'];
const ERROR_COLUMNS = ['row', 'line', 'field', 'code', 'reason'];

/** The two files of a scoring run; neither takes its place before both are complete. */
export class ScoreOutput {
  private errors: StagedFile | undefined;

  private constructor(
    private readonly paths: ScorePaths,
    private readonly results: StagedFile,
  ) {}

  /** @throws {CommandError} when nothing can be written there */
  static async create(paths: ScorePaths): Promise<ScoreOutput> {
    const results = await StagedFile.create(paths.output);
    const output = new ScoreOutput(paths, results);
    await results.append(stringify([RESULT_COLUMNS]));
    return output;
  }

  /** @param rows cells in the order of `RESULT_COLUMNS` */
  async appendResults(rows: readonly (readonly (string | number)[])[]): Promise<void> {
    await this.results.append(stringify([...rows]));
  }

  /** @param rows cells in the order of `ERROR_COLUMNS`, a row per problem */
  async appendErrors(rows: readonly (readonly (string | number)[])[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.errors === undefined) {
      this.errors = await StagedFile.create(this.paths.errors);
      await this.errors.append(stringify([ERROR_COLUMNS]));
    }
    await this.errors.append(stringify([...rows]));
  }

  /** Puts the files in place, the results last; without errors, an errors file of an earlier run goes. */
  async publish(): Promise<void> {
    await this.errors?.finish();
    await this.results.finish();
    if (this.errors === undefined) await rm(this.paths.errors, { force: true });
    else await this.errors.publish();
    await this.results.publish();
  }

  /** Removes all that was not published. */
  async discard(): Promise<void> {
    await this.errors?.discard();
    await this.results.discard();
  }
}
