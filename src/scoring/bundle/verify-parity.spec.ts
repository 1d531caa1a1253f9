import { readBundleFile } from '../../../test/factories/bundle';
import { FeatureVectorError } from '../forest/feature-vector-error';
import { compileScorer } from './compile-scorer';
import { parseBundle } from './parse-bundle';
import { verifyParity } from './verify-parity';

const bundle = parseBundle('model.json', readBundleFile('german-credit', 'model.json'));
const scorer = compileScorer(bundle);
const text = readBundleFile('german-credit', 'parity.json');
const parity = JSON.parse(text) as {
  format: string;
  rows: { inputs: Record<string, unknown>; probability: number }[];
};

function verify(change: (copy: typeof parity) => void): () => number {
  const copy = structuredClone(parity);
  change(copy);
  return () => verifyParity('parity.json', JSON.stringify(copy), bundle, scorer);
}

describe('verifyParity', () => {
  it('passes when every row scores exactly as in scikit-learn, missing values among them', () => {
    expect(verify(() => undefined)()).toBe(parity.rows.length);
    expect(parity.rows.length).toBeGreaterThanOrEqual(500);
    expect(parity.rows.some((row) => Object.values(row.inputs).includes(null))).toBe(true);
  });

  it('refuses a difference in the last bit of one row, naming the row', () => {
    const nudged = verify((copy) => {
      const row = copy.rows[17];
      if (!row) return;
      const bits = new BigInt64Array(new Float64Array([row.probability]).buffer);
      bits[0] = (bits[0] ?? 0n) + 1n;
      row.probability = new Float64Array(bits.buffer)[0] ?? 0;
    });
    expect(nudged).toThrow(
      /parity\.json: rows\[17\]\.probability: expected the probability this service computes/,
    );
  });

  it('refuses when the batch alone differs, and when an input overflows, naming the row', () => {
    const skewed = {
      ...scorer,
      scoreAll: (list: Parameters<typeof scorer.scoreAll>[0]) => scorer.scoreAll(list).fill(0.5, 7, 8),
    };
    expect(() => verifyParity('parity.json', text, bundle, skewed)).toThrow(/rows\[7\]\.probability/);
    const overflowing = {
      ...scorer,
      score: (): number => {
        throw new FeatureVectorError('Feature 0 is infinite as float32');
      },
    };
    expect(() => verifyParity('parity.json', text, bundle, overflowing)).toThrow(
      /rows\[0\]\.inputs: expected inputs/,
    );
  });

  it.each<[string, (copy: typeof parity) => void, RegExp]>([
    ['too few rows', (copy) => copy.rows.splice(10), /rows: expected an array of at least 500/],
    ['another format', (copy) => (copy.format = 'x'), /format: expected/],
    [
      'an input that is missing',
      (copy) => delete copy.rows[3]?.inputs[bundle.inputs[0]?.name ?? ''],
      /rows\[3\]\.inputs\./,
    ],
    [
      'an input nobody knows',
      (copy) => Object.assign(copy.rows[3]?.inputs ?? {}, { shoeSize: 44 }),
      /shoeSize/,
    ],
    [
      'a value out of range',
      (copy) => Object.assign(copy.rows[3]?.inputs ?? {}, { [bundle.inputs[1]?.name ?? '']: -1e12 }),
      /rows\[3\]/,
    ],
    [
      'a probability that is none',
      (copy) => Object.assign(copy.rows[3] ?? {}, { probability: null }),
      /rows\[3\]\.probability/,
    ],
  ])('refuses %s', (_what, damage, message) => {
    expect(verify(damage)).toThrow(message);
  });
});
