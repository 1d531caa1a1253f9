import fc from 'fast-check';
import { aDecision, aRefusal } from '../../../test/factories/prediction-record';
import { type PredictionRecord } from '../../logging/prediction-record';
import { type CountedModel, Summary } from './summary';
import { type PopulationLayout } from './population-layout';

const SHA256 = 'a'.repeat(64);

/** Two inputs, one of them a category, and the probability; edges by hand. */
const layout: PopulationLayout = {
  subjects: [
    {
      name: 'amount',
      source: 'inputs',
      offset: 0,
      bins: 3,
      edges: [10, 20],
      categories: undefined,
      lowest: 1,
      highest: 50,
    },
    {
      name: 'purpose',
      source: 'inputs',
      offset: 6,
      bins: 2,
      edges: undefined,
      categories: new Map([
        ['car', 0],
        ['other', 1],
      ]),
      lowest: -Infinity,
      highest: Infinity,
    },
    {
      name: 'probability',
      source: 'probability',
      offset: 11,
      bins: 2,
      edges: [0.5],
      categories: undefined,
      lowest: 0,
      highest: 1,
    },
  ],
  histogramOffset: 16,
  length: 36,
};
const model: CountedModel = { sha256: SHA256, layout };

function decision(differences: Parameters<typeof aDecision>[0]): PredictionRecord {
  const identity = { name: 'm', version: '1.0.0', sha256: SHA256, role: 'champion' as const };
  return {
    id: '01900000-0000-7000-8000-000000000000',
    at: '2026-01-01T00:00:00.000Z',
    ...aDecision({ model: identity, protected: {}, ...differences }),
  };
}

function refusal(status: number, errors?: { field: string; code: string }[]): PredictionRecord {
  const problem = { title: 'Refused', ...(errors && { errors }) };
  return { id: '', at: '', ...aRefusal({ status, problem }) };
}

function summarise(records: readonly PredictionRecord[]): Summary {
  const summary = new Summary(model);
  for (const record of records) summary.add(record);
  return summary;
}

const anyRecord = fc.oneof(
  fc
    .record({
      amount: fc.option(fc.integer({ min: -5, max: 60 })),
      purpose: fc.option(fc.constantFrom('car', 'other', 'boat')),
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
      decision: fc.constantFrom('APPROVED' as const, 'REFERRED' as const, 'REJECTED' as const),
      totalTimeMs: fc.double({ min: 0, max: 5000, noNaN: true }),
      foreign: fc.boolean(),
    })
    .map(({ amount, purpose, foreign, ...rest }) =>
      decision({
        inputs: { amount, purpose },
        ...rest,
        ...(foreign && {
          model: { name: 'm', version: '0.9.0', sha256: 'b'.repeat(64), role: 'champion' },
        }),
      }),
    ),
  fc
    .tuple(fc.constantFrom(400, 413, 500, 503), fc.constantFrom('amount', 'purpose'))
    .map(([status, field]) => refusal(status, [{ field, code: 'out_of_range' }])),
);

describe('Summary', () => {
  it('counts each value into the bin whose upper edge it does not exceed, and apart what is missing, unseen or beyond', () => {
    const summary = summarise(
      [10, 10.5, 20, 21, 51, null].map((amount, index) =>
        decision({
          inputs: { amount, purpose: ['car', 'other', 'boat', null, 'car', 'car'][index] ?? null },
          probability: 0.05,
        }),
      ),
    );
    // amount: 10 | 10.5, 20 | 21, 51 ; one missing, none unseen, 51 beyond the sample's 50
    expect(Array.from(summary.population?.subarray(0, 6) ?? [])).toEqual([1, 2, 2, 1, 0, 1]);
    // purpose: car ×3, other, then one missing and the boat unseen
    expect(Array.from(summary.population?.subarray(6, 11) ?? [])).toEqual([3, 1, 1, 1, 0]);
    // 0.05 stands in the first of 20 bars, which holds 0 to 0.05
    expect(Array.from(summary.population?.subarray(16) ?? [])).toEqual([6, ...new Array<number>(19).fill(0)]);
  });

  it('does not take an attribute that was not sent for a missing one', () => {
    const summary = summarise([decision({ inputs: { amount: 5 }, probability: 0.9 })]);
    expect(Array.from(summary.population?.subarray(6, 11) ?? [])).toEqual([0, 0, 0, 0, 0]);
  });

  it("leaves another model's decisions out of the bins and counts them as traffic", () => {
    const foreign = { name: 'm', version: '0.9.0', sha256: 'b'.repeat(64), role: 'champion' as const };
    const summary = summarise([decision({ model: foreign })]);
    expect(summary.population).toBeUndefined();
    expect(summary.modelRows).toBe(0);
    expect(summary.figures()).toMatchObject({ requests: 1, statuses: { '200': 1 } });
  });

  it('tells refusals by callers from failures of ours', () => {
    const summary = summarise([decision({}), refusal(400), refusal(413), refusal(503)]);
    expect(summary.figures()).toMatchObject({ requests: 4, refused: 2, failed: 1 });
  });

  it('is the same whether records are added at once or merged from parts in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyRecord, fc.integer({ min: 0, max: 4 })), { maxLength: 60 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        (assigned, order) => {
          const whole = summarise(assigned.map(([record]) => record));
          const merged = new Summary(model);
          for (const part of order) {
            merged.merge(summarise(assigned.filter(([, to]) => to === part).map(([record]) => record)));
          }
          expect(sorted(merged)).toEqual(sorted(whole));
        },
      ),
    );
  });

  it('comes back from JSON as it was', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
        const summary = summarise(records);
        const stored = JSON.parse(JSON.stringify(summary.store())) as ReturnType<Summary['store']>;
        const restored = Summary.restore(stored, model);
        expect(sorted(restored)).toEqual(sorted(summary));
        expect(restored.figures()).toEqual(summary.figures());
      }),
    );
  });
});

/** Its content without the order of its lists, which is that of the records. */
function sorted(summary: Summary): unknown {
  const { statuses, models, refusedFields, ...rest } = summary.store();
  const byText = (left: unknown, right: unknown): number =>
    JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
  return {
    ...rest,
    statuses: [...statuses].sort(byText),
    models: [...models].sort(byText),
    refusedFields: [...refusedFields].sort(byText),
  };
}
