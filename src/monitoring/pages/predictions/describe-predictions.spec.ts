import { loadModel } from '../../../../test/factories/decided-log';
import { aDecision, aRefusal } from '../../../../test/factories/prediction-record';
import { firstIdAt } from '../../../logging/issue-record-id';
import { type DecisionRecord, type RefusalRecord } from '../../../logging/prediction-record';
import { type LoadedModel } from '../../../model/active-models';
import { type Outcome, type Replay } from '../../../replay/replay.service';
import { readerOf } from '../reader';
import { asUtc } from './as-utc';
import { describePrediction } from './describe-prediction';
import { describePredictions } from './describe-predictions';
import { findReferencePosition } from './find-reference-position';
import { formatExampleCommand } from './format-example-command';
import { type PredictionData, type PredictionsData } from './predictions-data';

const reader = readerOf('en');
const NOON = Date.UTC(2026, 10, 23, 12);
const record: DecisionRecord = {
  ...aDecision({ clientId: 'client:1' }),
  id: firstIdAt(NOON),
  at: new Date(NOON).toISOString(),
};

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});

const list = (
  data: Partial<PredictionsData>,
  query: Parameters<typeof describePredictions>[1] = {},
  address = '/monitoring/predictions',
) =>
  describePredictions(
    { items: [record], nextCursor: null, searchedTo: null, ...data },
    query,
    model.bundle,
    reader,
    address,
    { roles: ['api', 'monitoring'], http: { port: 8000 } },
  );

describe('describePredictions', () => {
  it('links each decision to its record and its client', () => {
    expect(list({}).rows[0]).toMatchObject({
      href: `/monitoring/predictions/${record.id}`,
      client: { text: 'client:1', href: '/monitoring/predictions?clientId=client%3A1' },
      probability: '0.3',
      latency: '0.61 ms',
    });
  });

  it('leads to older decisions with the same filters, and not to a language', () => {
    const address = '/monitoring/predictions?decision=REFERRED&lang=fr';
    const view = list({ nextCursor: record.id }, { decision: 'REFERRED' }, address);
    expect(view.older).toBe(`/monitoring/predictions?decision=REFERRED&cursor=${record.id}`);
    expect(view.csv).toBe('/monitoring/api/predictions?decision=REFERRED&format=csv');
    expect(view.newest).toBeNull();
  });

  it('says how far it searched without filling the page', () => {
    const view = list({ items: [], nextCursor: record.id, searchedTo: record.at }, { clientId: 'x' });
    expect(view.searched).toContain('back to 23 Nov 2026, 12:00 UTC');
    expect(view.empty).toBeNull();
  });

  it('shows how to make the first decision only when there is none at all', () => {
    expect(list({ items: [] }).empty?.command).toContain('"creditLimit":90000');
    expect(list({ items: [] }, { clientId: 'x' }).empty).toBeNull();
    expect(list({ items: [] }, { cursor: record.id }).empty).toBeNull();
  });
});

const one = (differences: Partial<PredictionData> = {}): PredictionData => ({
  record,
  inputs: [],
  protected: [],
  policy: null,
  modelKept: true,
  ...differences,
});

describe('describePrediction', () => {
  it('shows the probability with all of its digits', () => {
    // 0.1 + 0.2 as float64: the shortest text that reads back to it.
    expect(describePrediction(one(), null, reader).decision?.exact).toBe('0.30000000000000004');
  });

  it('shows where a value stands in the reference, with label and unit', () => {
    const definition = model.bundle.inputs[0];
    const distribution = model.bundle.reference.inputs.get('creditLimit');
    if (!definition || !distribution) throw new Error('The bundle must have a credit limit');
    const position = findReferencePosition(20_000, distribution);
    const data = one({ inputs: [{ name: 'creditLimit', value: 20_000, definition, position }] });
    expect(describePrediction(data, null, reader).decision?.inputs).toEqual([
      {
        label: 'Credit limit',
        name: 'creditLimit',
        value: '20,000',
        unit: 'TWD',
        bin: '≤ 30,000',
        bar: { x: '0.00', width: '13.42' },
        position: 'within the lowest 13.4%',
      },
    ]);
  });

  it('shows values by name when the bundle is no longer kept', () => {
    const inputs = [{ name: 'x', value: null, definition: null, position: null }];
    const view = describePrediction(one({ inputs, modelKept: false }), null, reader);
    expect(view.decision?.modelKept).toBe(false);
    expect(view.decision?.inputs[0]).toMatchObject({ label: 'x', name: null, value: 'missing', bar: null });
  });

  it.each([
    { probability: record.probability, identical: true, level: 'good', equal: ['yes', 'yes', 'yes', 'yes'] },
    { probability: 0.3, identical: false, level: 'critical', equal: ['yes', 'no', 'yes', 'yes'] },
  ])('tells $probability from what was recorded', ({ probability, identical, level, equal }) => {
    const { score, decision, policyVersion } = record;
    const recorded: Outcome = { probability: record.probability, score, decision, policyVersion };
    const outcome: Replay = {
      id: record.id,
      identical,
      recorded,
      replayed: { ...recorded, probability },
      model: model.identity,
    };
    const view = describePrediction(one(), outcome, reader).decision?.replay.outcome;
    expect(view?.level).toBe(level);
    expect(view?.table?.rows.map((cells) => cells[3]?.text)).toEqual(equal);
  });

  it('says which bundle a replay needs', () => {
    const view = describePrediction(one(), 'model-unavailable', reader).decision?.replay.outcome;
    expect(view).toMatchObject({ level: 'attention', table: null });
    expect(view?.action).toContain('credit-default/2026.01.0');
  });

  it('shows a refusal with its fields and nothing to replay', () => {
    const refusal: RefusalRecord = { ...aRefusal({ status: 503 }), id: record.id, at: record.at };
    const view = describePrediction(one({ record: refusal, modelKept: null }), null, reader);
    expect(view.decision).toBeNull();
    expect(view.refusal?.badge).toEqual({ level: 'critical', text: '503' });
    expect(view.refusal?.fields.rows[0]?.map(({ text }) => text)).toEqual(['age', 'minimum']);
  });
});

describe('asUtc', () => {
  it.each([
    ['2026-01-31T08:00', '2026-01-31T08:00Z'],
    ['2026-01-31T08:00:01.5', '2026-01-31T08:00:01.5Z'],
    ['2026-01-31T08:00+01:00', '2026-01-31T08:00+01:00'],
    ['2026-01-31', '2026-01-31'],
  ])('reads %s as %s', (time, utc) => {
    expect(asUtc(time)).toBe(utc);
  });
});

describe('formatExampleCommand', () => {
  it.each([
    [['api', 'monitoring'], 8937, 8937],
    [['monitoring'], 8501, 8000],
    [['api'], 0, 8000],
  ] as const)('of a process with the roles %j on port %d asks port %d', (roles, port, asked) => {
    expect(formatExampleCommand({ inputs: [] }, { roles, http: { port } })).toContain(`:${asked}/predict`);
  });

  it('keeps quotes of an example from ending the text of the shell', () => {
    const input = { name: 'purpose', type: 'category', categories: ["l'achat"], example: "l'achat" } as const;
    const command = formatExampleCommand(
      { inputs: [{ ...input, nullable: false, description: '' }] },
      { roles: ['api'], http: { port: 8000 } },
    );
    expect(command).toMatch(/-d '\{"purpose":"l'\\''achat"\}'$/);
  });
});
