import { type Forest } from '../../../src/scoring/forest/forest';
import { compileForest } from '../../../src/scoring/forest/compile-forest';
import { predictProbabilities } from '../../../src/scoring/forest/predict-probabilities';
import { predictProbability } from '../../../src/scoring/forest/predict-probability';
import { predictProbabilityByWalking } from '../../../src/scoring/forest/predict-probability-by-walking';
import { type BenchForest } from '../forests/bench-forest';
import { type EvaluatorPeer } from './evaluator-peer';

/** The service's evaluator. */
export function ourEvaluator({ forest, rows, rowCount }: BenchForest): EvaluatorPeer {
  const compiled = compileForest(forest);
  const out = new Float64Array(rowCount);
  const single = oneByOne('ours', forest.featureCount, rows, rowCount, (row) =>
    predictProbability(compiled, row),
  );
  return {
    ...single,
    timeBatch() {
      const start = process.hrtime.bigint();
      predictProbabilities(compiled, rows, rowCount, out);
      return Promise.resolve(Number(process.hrtime.bigint() - start) / 1_000 / rowCount);
    },
    async probabilities() {
      const fromSingle = await single.probabilities();
      const fromBatch = predictProbabilities(compiled, rows, rowCount, out);
      // A row on which the two differ counts as a difference.
      return fromBatch.map((probability, row) =>
        Object.is(probability, fromSingle[row]) ? probability : NaN,
      );
    },
  };
}

/** The oracle of the tests: plain typed arrays, one tree after another. */
export function walkingEvaluator({ forest, rows, rowCount }: BenchForest): EvaluatorPeer {
  return oneByOne('JavaScript, plain arrays', forest.featureCount, rows, rowCount, (row) =>
    predictProbabilityByWalking(forest, row),
  );
}

interface Leaf {
  readonly value: number;
}

interface Branch {
  readonly feature: number;
  readonly threshold: number;
  readonly missingGoToLeft: boolean;
  readonly left: Leaf | Branch;
  readonly right: Leaf | Branch;
}

/** An object per node and a recursive function: how most JavaScript libraries do it. */
export function objectTreeEvaluator({ forest, rows, rowCount }: BenchForest): EvaluatorPeer {
  const roots = toObjects(forest);
  return oneByOne('JavaScript, object trees', forest.featureCount, rows, rowCount, (row) => {
    const rounded = new Float32Array(row);
    return roots.reduce((sum, root) => sum + leafValue(root, rounded), 0) / roots.length;
  });
}

function toObjects(forest: Forest): (Leaf | Branch)[] {
  return forest.trees.map((tree) => {
    const build = (node: number): Leaf | Branch =>
      (tree.feature[node] as number) < 0
        ? { value: tree.value[node] as number }
        : {
            feature: tree.feature[node] as number,
            threshold: tree.threshold[node] as number,
            missingGoToLeft: tree.missingGoToLeft[node] === 1,
            left: build(tree.left[node] as number),
            right: build(tree.right[node] as number),
          };
    return build(0);
  });
}

function leafValue(node: Leaf | Branch, row: Float32Array): number {
  if ('value' in node) {
    return node.value;
  }
  const value = row[node.feature] as number;
  const goesLeft = Number.isNaN(value) ? node.missingGoToLeft : value <= node.threshold;
  return leafValue(goesLeft ? node.left : node.right, row);
}

function oneByOne(
  name: string,
  featureCount: number,
  rows: Float32Array,
  rowCount: number,
  predict: (row: Float64Array) => number,
): EvaluatorPeer {
  const vectors = Array.from({ length: rowCount }, (_, row) =>
    Float64Array.from(rows.subarray(row * featureCount, (row + 1) * featureCount)),
  );
  let sink = 0; // uses the answers, so that no compiler drops the work
  return {
    name,
    timeSingle(first, count) {
      const start = process.hrtime.bigint();
      for (let row = first; row < first + count; row++) {
        sink += predict(vectors[row % rowCount] as Float64Array);
      }
      const microseconds = Number(process.hrtime.bigint() - start) / 1_000 / count;
      return sink < 0 ? Promise.reject(new Error('Negative probability')) : Promise.resolve(microseconds);
    },
    probabilities: () => Promise.resolve(Float64Array.from(vectors, predict)),
  };
}
