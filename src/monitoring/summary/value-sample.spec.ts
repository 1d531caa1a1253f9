import { randomUUID } from 'node:crypto';
import { aDecision } from '../../../test/factories/prediction-record';
import { RecordIdIssuer } from '../../logging/issue-record-id';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type PopulationLayout } from './population-layout';
import { ValueSample } from './value-sample';

const layout: PopulationLayout = {
  subjects: (['x', 'probability'] as const).map((name, index) => ({
    name,
    source: name === 'x' ? ('inputs' as const) : ('probability' as const),
    offset: index * 5,
    bins: 2,
    edges: [0.5],
    categories: undefined,
    lowest: 0,
    highest: 1,
  })),
  histogramOffset: 10,
  length: 30,
};
const SHA256 = 'a'.repeat(64);

/** Records of 200 ms each, x rising from 0. */
function records(count: number): DecisionRecord[] {
  let now = 1_700_000_000_000;
  const issuer = new RecordIdIssuer(() => (now += 200));
  return Array.from({ length: count }, (_, x) => {
    const { id, at } = issuer.next();
    return { id, at, ...aDecision({ inputs: { x }, probability: x / count }) };
  });
}

function sampleOf(rows: readonly DecisionRecord[], mostRows: number): ValueSample {
  const sample = new ValueSample(layout, mostRows);
  for (const row of rows) sample.add(row);
  return sample;
}

describe('ValueSample', () => {
  it('keeps every value as long as there is room, and leaves missing ones out', () => {
    const rows = records(50);
    const sample = sampleOf(
      [...rows, { ...(rows[0] as DecisionRecord), id: randomUUID(), inputs: { x: null } }],
      100,
    );
    expect(sample.rows).toBe(51);
    expect([...(sample.values().get('x') ?? [])]).toEqual(Array.from({ length: 50 }, (_, x) => x));
    expect(sample.values().get('probability')).toHaveLength(51);
  });

  it('keeps the same rows in whatever order and parts they come', () => {
    const rows = records(5000);
    const whole = sampleOf(rows, 300);
    const merged = new ValueSample(layout, 300);
    for (const part of [3, 1, 0, 2]) {
      merged.merge(sampleOf(rows.filter((_, index) => index % 4 === part).reverse(), 300));
    }
    expect(whole.rows).toBe(300);
    expect([...(merged.values().get('x') ?? [])].sort()).toEqual([...(whole.values().get('x') ?? [])].sort());
  });

  it('keeps a uniform sample: of 20,000 rows, each tenth of them gives a tenth of 2,000 within five standard errors', () => {
    const kept = sampleOf(records(20_000), 2000).values().get('x') ?? [];
    const tenths = new Array<number>(10).fill(0);
    for (const x of kept) tenths[Math.floor(x / 2000)] = (tenths[Math.floor(x / 2000)] ?? 0) + 1;
    // Hypergeometric: mean 200, variance 2000 × 0.1 × 0.9 × 0.9, standard error 12.7
    for (const count of tenths) expect(Math.abs(count - 200)).toBeLessThan(64);
  });

  it('comes back from its bytes, and goes on', () => {
    const rows = records(500);
    const stored = sampleOf(rows.slice(0, 400), 1000).store(SHA256);
    const restored = ValueSample.restore(stored, SHA256, layout);
    for (const row of rows.slice(400)) restored.add(row);
    expect(restored.values()).toEqual(sampleOf(rows, 1000).values());
  });

  it('refuses bytes that were cut, changed, or belong to another model', () => {
    const stored = sampleOf(records(20), 100).store(SHA256);
    const changed = Buffer.from(stored);
    changed[stored.length - 3] = (changed.at(-3) ?? 0) ^ 1;
    for (const bytes of [stored.subarray(0, -8), changed, Buffer.from('{'), Buffer.alloc(0)]) {
      expect(() => ValueSample.restore(bytes, SHA256, layout)).toThrow('damaged or of another model');
    }
    expect(() => ValueSample.restore(stored, 'b'.repeat(64), layout)).toThrow('damaged or of another model');
  });
});
