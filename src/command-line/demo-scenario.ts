import { readFile } from 'node:fs/promises';
import { type Manifest } from '../scoring/manifest/manifest';
import { CommandError } from './command';

/** What a demonstration tells: calm days of real applications, then a day of other people and another unit. */
export interface DemoScenario {
  readonly calmDays: number;
  readonly applicationsPerDay: number;
  /** Applications a day with a value that no input may have. */
  readonly refusedPerDay: number;
  /** Whom the drifted day is about: those whose input is not above a value. */
  readonly segment: { readonly input: string; readonly atMost: number };
  /** What a client application sends differently on the drifted day, rounded to whole numbers. */
  readonly changedUnit: { readonly input: string; readonly divideBy: number };
}

const SCENARIO_FILE = 'data/samples/demo-scenario.json';

/**
 * Reads the scenario, which belongs to the sample beside it.
 *
 * @throws {CommandError} when it cannot be read, or names an input that the model does not have
 */
export async function readDemoScenario({ inputs }: Pick<Manifest, 'inputs'>): Promise<DemoScenario> {
  let scenario: DemoScenario;
  try {
    scenario = JSON.parse(await readFile(SCENARIO_FILE, 'utf8')) as DemoScenario;
  } catch (error) {
    throw new CommandError(
      `${SCENARIO_FILE}: cannot be read. Start the demonstration in the project's folder.`,
      {
        cause: error,
      },
    );
  }
  for (const part of ['segment', 'changedUnit'] as const) {
    const { input } = scenario[part];
    if (inputs.some(({ name, type }) => name === input && type !== 'category')) continue;
    throw new CommandError(
      `${SCENARIO_FILE}: ${part}.input must be a numeric input of the model: ${inputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return scenario;
}
