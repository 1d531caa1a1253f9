import { treeOf, type TreeShape } from '../../../test/factories/forest';
import { compileForest } from './compile-forest';
import { FeatureVectorError } from './feature-vector-error';
import { type Forest } from './forest';
import { predictProbabilities } from './predict-probabilities';
import { predictProbability } from './predict-probability';
import { predictProbabilityByWalking } from './predict-probability-by-walking';

const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Three ways to the same number. */
const evaluators = [
  { name: 'predictProbabilityByWalking', evaluate: predictProbabilityByWalking },
  {
    name: 'predictProbability',
    evaluate: (forest: Forest, features: Float64Array) => predictProbability(compileForest(forest), features),
  },
  {
    name: 'predictProbabilities',
    evaluate: (forest: Forest, features: Float64Array) =>
      predictProbabilities(compileForest(forest), Float32Array.from(features), 1)[0],
  },
];

function forestOf(featureCount: number, ...shapes: TreeShape[]): Forest {
  return { featureCount, trees: shapes.map(treeOf) };
}

const split = (threshold: number, missingGoesLeft = false): Forest =>
  forestOf(1, { feature: 0, threshold, missingGoesLeft, left: 0.25, right: 0.75 });

describe.each(evaluators)('$name', ({ evaluate }) => {
  it.each([
    { threshold: 5, value: 5, expected: 0.25, why: 'equality goes left' },
    { threshold: 5, value: 5.000001, expected: 0.75, why: 'the next float32 goes right' },
    { threshold: 0.1, value: 0.1, expected: 0.75, why: 'float32(0.1) > 0.1' },
    { threshold: 0.3, value: 0.3, expected: 0.75, why: 'float32(0.3) > 0.3' },
    { threshold: 0.7, value: 0.7, expected: 0.25, why: 'float32(0.7) < 0.7' },
    { threshold: 0, value: -0, expected: 0.25, why: '−0 <= 0' },
    { threshold: -0, value: 0, expected: 0.25, why: '0 <= −0' },
    { threshold: -0, value: 2 ** -149, expected: 0.75, why: 'the smallest subnormal is above −0' },
    { threshold: -1e-60, value: -0, expected: 0.75, why: '−0 is above every negative threshold' },
    { threshold: 0, value: 1e-60, expected: 0.25, why: 'rounds to 0 as float32' },
    { threshold: 1e300, value: LARGEST, expected: 0.25, why: 'the threshold is above all float32' },
    { threshold: -1e300, value: -LARGEST, expected: 0.75, why: 'the threshold is below all float32' },
  ])('answers $expected for $value at $threshold: $why', ({ threshold, value, expected }) => {
    expect(evaluate(split(threshold), Float64Array.of(value))).toBe(expected);
  });

  it.each([5, 1e300, -1e300, LARGEST, -LARGEST])(
    'sends a missing value where the node says, at %p',
    (threshold) => {
      expect(evaluate(split(threshold, true), Float64Array.of(NaN))).toBe(0.25);
      expect(evaluate(split(threshold, false), Float64Array.of(NaN))).toBe(0.75);
    },
  );

  it('follows both directions of the same feature within one row', () => {
    const forest = forestOf(2, {
      feature: 1,
      threshold: 3,
      missingGoesLeft: true,
      left: {
        feature: 1,
        threshold: 2,
        left: 0.1,
        right: { feature: 0, threshold: 0, left: 0.2, right: 0.3 },
      },
      right: 0.4,
    });

    expect(evaluate(forest, Float64Array.of(1, NaN))).toBe(0.3);
    expect(evaluate(forest, Float64Array.of(-1, NaN))).toBe(0.2);
    expect(evaluate(forest, Float64Array.of(-1, 9))).toBe(0.4);
  });

  it('sums in tree order and divides once', () => {
    const shares = [0.1, 0.2, 0.3, 0.7, 0.9, 1 / 3, 0.6, 0.05, 0.15, 0.8, 0.45, 0.55, 0.35];

    expect(evaluate(forestOf(1, ...shares), Float64Array.of(0))).toBe(shares.reduce((a, b) => a + b, 0) / 13);
  });

  it('answers a forest without features', () => {
    expect(evaluate(forestOf(0, 0.25, 0.5), new Float64Array(0))).toBe(0.375);
  });

  it.each([
    { features: [1], why: 'too short', message: /Expected 2|rows of 2/ },
    { features: [1, 2, 3], why: 'too long', message: /Expected 2|rows of 2/ },
    { features: [1, Infinity], why: 'infinite', message: /Feature 1 .*infinite/ },
    { features: [-Infinity, 1], why: 'infinite', message: /Feature 0 .*infinite/ },
    { features: [NaN, 1e39], why: 'rounds to infinity as float32', message: /Feature 1 .*infinite/ },
  ])('refuses $features: $why', ({ features, message }) => {
    const forest = forestOf(2, { feature: 1, threshold: 0, left: 0, right: 1 });

    expect(() => evaluate(forest, Float64Array.from(features))).toThrow(FeatureVectorError);
    expect(() => evaluate(forest, Float64Array.from(features))).toThrow(message);
  });

  it('accepts a value that rounds to the largest float32', () => {
    expect(evaluate(split(0), Float64Array.of(LARGEST * (1 + 2 ** -26)))).toBe(0.75);
  });
});

describe('predictProbability', () => {
  it('forgets a refused row and the missing values of the row before', () => {
    const compiled = compileForest(split(5, true));

    expect(predictProbability(compiled, Float64Array.of(NaN))).toBe(0.25);
    expect(() => predictProbability(compiled, Float64Array.of(Infinity))).toThrow(FeatureVectorError);
    expect(predictProbability(compiled, Float64Array.of(6))).toBe(0.75);
  });
});

describe('predictProbabilities', () => {
  const compiled = compileForest(split(5, true));

  it('writes where it is told and leaves the rest alone', () => {
    const out = Float64Array.of(9, 9, 9);

    expect(predictProbabilities(compiled, Float32Array.of(5, 6), 2, out)).toBe(out);
    expect([...out]).toEqual([0.25, 0.75, 9]);
  });

  it('answers no rows with nothing', () => {
    expect(predictProbabilities(compiled, new Float32Array(0), 0)).toHaveLength(0);
  });

  it('reads rows that start inside a larger buffer', () => {
    const rows = Float32Array.of(0, 0, 6, NaN).subarray(2);

    expect([...predictProbabilities(compiled, rows, 2)]).toEqual([0.75, 0.25]);
  });

  it('refuses room that is too small', () => {
    expect(() => predictProbabilities(compiled, Float32Array.of(5, 6), 2, new Float64Array(1))).toThrow(
      RangeError,
    );
  });

  it('names the row of an infinite value, also beyond the first block', () => {
    const rows = new Float32Array(50_000);
    rows[49_999] = Infinity;

    expect(() => predictProbabilities(compiled, rows, 50_000)).toThrow('Feature 0 of row 49999 is infinite');
  });

  it('keeps blocks with and without missing values apart', () => {
    const rows = Float32Array.from({ length: 10_001 }, (_, row) =>
      row > 4_000 && row < 4_010 ? NaN : row % 11,
    );
    const expected = Float64Array.from(rows, (value) => (value > 5 ? 0.75 : 0.25));

    expect(predictProbabilities(compiled, rows, rows.length)).toEqual(expected);
  });
});
