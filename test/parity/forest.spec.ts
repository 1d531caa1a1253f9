import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileForest } from '../../src/scoring/forest/compile-forest';
import { type Forest } from '../../src/scoring/forest/forest';
import { predictProbabilities } from '../../src/scoring/forest/predict-probabilities';
import { predictProbability } from '../../src/scoring/forest/predict-probability';
import { predictProbabilityByWalking } from '../../src/scoring/forest/predict-probability-by-walking';

/** Made by scikit-learn: see make_forests.py there. `null` is a missing value. */
const FOLDER = join(__dirname, '..', 'fixtures', 'forests');

interface Fixture {
  readonly estimator: string;
  readonly library: unknown;
  readonly featureCount: number;
  readonly trees: readonly Record<keyof Forest['trees'][number], number[]>[];
  readonly rows: readonly (number | null)[][];
  readonly probabilities: readonly number[];
}

function readFixture(name: string): Fixture {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Fixture;
}

function toForest({ featureCount, trees }: Fixture): Forest {
  return {
    featureCount,
    trees: trees.map((tree) => ({
      feature: Int32Array.from(tree.feature),
      threshold: Float64Array.from(tree.threshold),
      left: Int32Array.from(tree.left),
      right: Int32Array.from(tree.right),
      missingGoToLeft: Uint8Array.from(tree.missingGoToLeft),
      value: Float64Array.from(tree.value),
    })),
  };
}

function countDifferences(actual: ArrayLike<number>, expected: readonly number[]): number {
  return expected.filter((probability, row) => !Object.is(actual[row], probability)).length;
}

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe('forests made by scikit-learn', () => {
  it('are there, with complete rows and rows with missing values', () => {
    const missing = names.flatMap((name) => readFixture(name).rows.map((row) => row.includes(null)));

    expect(missing).toContain(true);
    expect(missing).toContain(false);
  });

  it.each(names)('%s: no probability differs', (name) => {
    const fixture = readFixture(name);
    const forest = toForest(fixture);
    const compiled = compileForest(forest);
    const rows = fixture.rows.map((row) => Float64Array.from(row, (value) => value ?? NaN));
    const table = Float32Array.from(rows.flatMap((row) => [...row]));

    expect(rows.length).toBeGreaterThan(0);
    expect(fixture.probabilities).toHaveLength(rows.length);
    expect({
      walking: countDifferences(
        rows.map((row) => predictProbabilityByWalking(forest, row)),
        fixture.probabilities,
      ),
      single: countDifferences(
        rows.map((row) => predictProbability(compiled, row)),
        fixture.probabilities,
      ),
      batch: countDifferences(predictProbabilities(compiled, table, rows.length), fixture.probabilities),
    }).toEqual({ walking: 0, single: 0, batch: 0 });
  });
});
