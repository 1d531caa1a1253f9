import { treeOf, type TreeShape } from '../../../test/factories/forest';
import { compileForest } from './compile-forest';
import { type Forest } from './forest';
import { predictProbabilities } from './predict-probabilities';
import { predictProbability } from './predict-probability';
import { predictProbabilityByWalking } from './predict-probability-by-walking';

/** All branches on one side, thresholds 0, 1, 2 … from the root. */
function chain(depth: number): TreeShape {
  let shape: TreeShape = 1;
  for (let threshold = depth - 1; threshold >= 0; threshold--) {
    shape = {
      feature: 0,
      threshold,
      missingGoesLeft: threshold === 7,
      left: threshold / depth,
      right: shape,
    };
  }
  return shape;
}

/** Full tree of 2^(depth + 1) − 1 nodes over features in turn, with a threshold and a leaf value for every path. */
function full(depth: number, featureCount: number, path = 1): TreeShape {
  return depth === 0
    ? (path % 1_009) / 1_009
    : {
        feature: path % featureCount,
        threshold: Math.sin(path),
        missingGoesLeft: path % 3 === 0,
        left: full(depth - 1, featureCount, 2 * path),
        right: full(depth - 1, featureCount, 2 * path + 1),
      };
}

function someRows(featureCount: number, count: number): Float64Array[] {
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: featureCount }, (__, feature) =>
      (row + feature) % 5 === 4 ? NaN : Math.cos(7 * row + 3 * feature) * (row % 2 === 0 ? 1 : 70),
    ),
  );
}

function expectSameAnswers(forest: Forest, rows: Float64Array[]): void {
  const compiled = compileForest(forest);
  const expected = rows.map((row) => predictProbabilityByWalking(forest, row));
  const table = Float32Array.from(rows.flatMap((row) => [...row]));

  expect(rows.map((row) => predictProbability(compiled, row))).toEqual(expected);
  expect([...predictProbabilities(compiled, table, rows.length)]).toEqual(expected);
}

describe('compileForest', () => {
  it.each([1, 2, 9, 10, 11, 1_000])('evaluates a forest of %p trees', (treeCount) => {
    const trees = Array.from({ length: treeCount }, (_, index) => treeOf(full(index % 4, 3, index + 1)));

    expectSameAnswers({ featureCount: 3, trees }, someRows(3, 40));
  });

  it('evaluates trees deeper than the call stack', () => {
    const trees = [treeOf(chain(70)), treeOf(0.5), treeOf(chain(30_000))];

    expectSameAnswers({ featureCount: 1, trees }, someRows(1, 60));
  });

  it('evaluates trees of more than 65,536 nodes', () => {
    const trees = [treeOf(full(16, 5)), treeOf(full(16, 4, 3))];

    expectSameAnswers({ featureCount: 5, trees }, someRows(5, 100));
  });

  it.each([31, 32, 4_000])('evaluates forests of %p features', (featureCount) => {
    const trees = Array.from({ length: 12 }, (_, index) => treeOf(full(8, featureCount, index + 1)));

    expectSameAnswers({ featureCount, trees }, someRows(featureCount, 20));
  });

  it('cuts a forest into segments when a word cannot address all nodes', () => {
    const featureCount = 2 ** 16;
    const trees = Array.from({ length: 100 }, (_, index) => treeOf(full(7, featureCount, index + 1)));
    const { segments } = compileForest({ featureCount, trees });

    expect(segments.length).toBeGreaterThan(2);
    expect(segments.reduce((sum, segment) => sum + segment.treeCount, 0)).toBe(100);
    expectSameAnswers({ featureCount, trees }, someRows(featureCount, 2));
  });

  it('refuses a tree that no segment can hold', () => {
    const forest = { featureCount: 2 ** 19, trees: [treeOf(0.5), treeOf(full(10, 5))] };

    expect(() => compileForest(forest)).toThrow(
      new RangeError('Tree 1 has 2047 nodes: more than fit beside this number of features'),
    );
  });

  it('refuses more features than a word can name', () => {
    expect(() => compileForest({ featureCount: 2 ** 20, trees: [treeOf(0.5)] })).toThrow(RangeError);
  });

  it('takes 8 bytes a node, and keeps each distinct leaf value once', () => {
    const trees = Array.from({ length: 10 }, () => treeOf(full(6, 3)));
    const { segments, leafValues } = compileForest({ featureCount: 3, trees });

    expect(segments).toHaveLength(1);
    expect(segments[0]?.nodes.byteLength).toBe(8 * (10 * 127 + 2));
    expect(leafValues).toHaveLength(1 + 64);
  });
});
