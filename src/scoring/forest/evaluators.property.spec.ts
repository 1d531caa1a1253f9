import * as fc from 'fast-check';
import { treeOf, type TreeShape } from '../../../test/factories/forest';
import { compileForest } from './compile-forest';
import { type Forest } from './forest';
import { predictProbabilities } from './predict-probabilities';
import { predictProbability } from './predict-probability';
import { predictProbabilityByWalking } from './predict-probability-by-walking';

const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The neighbour among float32; −0 and +0 count as one. */
function nextFloat32(value: number, direction: 1 | -1): number {
  const float32 = Float32Array.of(value === 0 ? 0 : value);
  const bits = new Int32Array(float32.buffer);
  if (float32[0] === 0) {
    return direction * 2 ** -149;
  }
  bits[0] = (bits[0] ?? 0) + (value > 0 ? direction : -direction);
  return float32[0] ?? NaN;
}

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

const thresholds = fc.oneof(
  fc.constantFrom(0, -0, 1e300, -1e300, LARGEST, -LARGEST, 1e-60, -1e-60),
  fc.integer({ min: -20, max: 20 }).map((half) => half / 2),
  fc.integer({ min: -5, max: 5 }).map((count) => count * 2 ** -149), // subnormal
  float32,
  fc.tuple(float32, fc.double({ min: 0, max: 1, noNaN: true })).map(([low, share]) => {
    const high = nextFloat32(low, 1);
    return Number.isFinite(high) ? low + (high - low) * share : low; // a float64 between two float32
  }),
  fc.double({ min: -1e39, max: 1e39, noNaN: true }),
);

const splits = fc.record({
  /** Which leaf grows; the last one again and again makes a deep tree. */
  leaf: fc.oneof(fc.nat(), fc.constant(-1)),
  feature: fc.nat(),
  threshold: thresholds,
  missingGoesLeft: fc.boolean(),
});

const shares = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 7 }).map((count) => count / 7),
);

const trees = fc.record({
  splits: fc.oneof(fc.array(splits, { maxLength: 12 }), fc.array(splits, { minLength: 60, maxLength: 90 })),
  shares: fc.array(shares, { minLength: 1, maxLength: 9 }),
});

type Growing =
  TreeShape | { feature: number; threshold: number; missingGoesLeft: boolean; left: Growing; right: Growing };

/** Starts with one leaf; each split turns a leaf into a branch. */
function grow(
  tree: {
    splits: { leaf: number; feature: number; threshold: number; missingGoesLeft: boolean }[];
    shares: number[];
  },
  featureCount: number,
): TreeShape {
  const holder: { root: Growing } = { root: tree.shares[0] ?? 0 };
  const leaves: ((shape: Growing) => void)[] = [(shape) => (holder.root = shape)];
  for (const [index, { leaf, feature, threshold, missingGoesLeft }] of tree.splits.entries()) {
    const value = (offset: number): number => tree.shares[(2 * index + offset) % tree.shares.length] ?? 0;
    const branch = {
      feature: feature % featureCount,
      threshold,
      missingGoesLeft,
      left: value(0) as Growing,
      right: value(1) as Growing,
    };
    const place = leaf < 0 ? leaves.length - 1 : leaf % leaves.length;
    leaves.splice(place, 1)[0]?.(branch);
    leaves.push(
      (shape) => (branch.left = shape),
      (shape) => (branch.right = shape),
    );
  }
  return holder.root;
}

const forests = fc
  .record({
    featureCount: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(7, 8, 31, 33)),
    trees: fc.array(trees, { minLength: 1, maxLength: 24 }),
  })
  .map(({ featureCount, trees: grown }): Forest => {
    return { featureCount, trees: grown.map((tree) => treeOf(grow(tree, featureCount))) };
  });

/** Values that matter: missing, a threshold of the forest rounded to float32, its neighbours, anything. */
const cells = fc.record({
  kind: fc.constantFrom('missing', 'threshold', 'above', 'below', 'anything'),
  pick: fc.nat(),
  anything: fc.oneof(
    float32,
    fc.double({ min: -LARGEST, max: LARGEST, noNaN: true }),
    fc.constantFrom(0, -0, 1e-60, -1e-60),
  ),
});

function cellValue(
  { kind, pick, anything }: { kind: string; pick: number; anything: number },
  pool: number[],
): number {
  const threshold = Math.min(LARGEST, Math.max(-LARGEST, Math.fround(pool[pick % pool.length] ?? 0)));
  const value = {
    missing: NaN,
    threshold,
    above: nextFloat32(threshold, 1),
    below: nextFloat32(threshold, -1),
    anything,
  }[kind];
  return value === undefined || Math.abs(value) === Infinity ? threshold : value;
}

const cases = fc
  .tuple(
    forests,
    fc.array(fc.array(cells, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
    fc.boolean(),
  )
  .map(([forest, specimens, complete]) => {
    const pool = forest.trees.flatMap((tree) => [...tree.threshold]);
    const rows = specimens.map((specimen) =>
      Float64Array.from({ length: forest.featureCount }, (_, feature) => {
        const value = cellValue(
          specimen[feature % specimen.length] ?? { kind: 'missing', pick: 0, anything: 0 },
          pool,
        );
        return complete && Number.isNaN(value) ? 0 : value;
      }),
    );
    return { forest, rows };
  });

describe('the three evaluators', () => {
  it('answer alike, bit for bit, whatever the forest and the rows', () => {
    fc.assert(
      fc.property(cases, ({ forest, rows }) => {
        const compiled = compileForest(forest);
        const batch = predictProbabilities(
          compiled,
          Float32Array.from(rows.flatMap((row) => [...row])),
          rows.length,
        );
        return rows.every((row, index) => {
          const expected = predictProbabilityByWalking(forest, row);
          return (
            Object.is(predictProbability(compiled, row), expected) &&
            Object.is(predictProbability(compiled, Float32Array.from(row)), expected) &&
            Object.is(batch[index], expected)
          );
        });
      }),
      { numRuns: 400 },
    );
  });
});
