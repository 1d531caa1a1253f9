import { NOW_MS, someAlert, someJobStatus, someVitals } from '../../../../test/factories/monitoring';
import { someFoldState } from '../../../../test/factories/monitoring-engine';
import { NO_FIGURES, someFigures, someTraffic } from '../../../../test/factories/traffic';
import { readBundleFile } from '../../../../test/factories/bundle';
import { type LogOutage } from '../../../logging/log-outage';
import { parseBundle } from '../../../scoring/bundle/parse-bundle';
import { type Traffic } from '../../traffic';
import { readerOf } from '../reader';
import { type ChartView } from '../view-parts';
import { chooseSpan } from './choose-span';
import { describeOverview, type OverviewView } from './describe-overview';
import { describeVerdict } from './describe-verdict';
import { type DriftSummary, type OverviewData } from './overview-data';
import { type AskedProcess } from '../predictions/format-example-command';
import { thinVitals } from './thin-vitals';

const bundle = parseBundle('model.json', readBundleFile('credit-default', 'model.json'));
const { span } = chooseSpan({ period: 'day' }, NOW_MS);
const previous = { fromMs: span.fromMs - (span.toMs - span.fromMs), toMs: span.fromMs };
const stable: DriftSummary = {
  id: '2026-11-23T00-00-00Z',
  verdict: 'stable',
  window: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z', hours: 24 },
  createdAt: '2026-11-23T00:05:00.000Z',
  rows: 9_870,
  thresholds: { psi: { moderate: 0.1, major: 0.25 }, falseDiscoveryRate: 0.05, minimumRows: 200 },
  inputs: 24,
  drifted: [],
};
const well: OverviewData = {
  nowMs: NOW_MS,
  period: 'day',
  span,
  traffic: someTraffic(span),
  previous: { span: previous, totals: someTraffic(previous).totals },
  drift: stable,
  driftReadable: true,
  outages: [],
  driftJob: someJobStatus(),
  alerts: [],
  reading: someFoldState(),
  vitals: thinVitals(someVitals()),
  thresholds: { errorRate: 0.02, latencyP95Ms: 250 },
  model: { name: 'credit-default', version: '1.0.0', sha256: 'c0ffee' },
  bands: bundle.policy.bands,
};

const away: LogOutage = {
  sinceMs: NOW_MS - 600_000,
  untilMs: null,
  reason: 'The disk is full (ENOSPC): make room',
  unrecorded: { answers: 271, failed: 270 },
};

const here: AskedProcess = { roles: ['api', 'monitoring'], http: { port: 8123 } };

function withTotals(differences: Partial<Traffic['totals']>): Traffic {
  const traffic = someTraffic(span);
  return { ...traffic, totals: { ...traffic.totals, ...differences } };
}
const describeIt = (differences: Partial<OverviewData> = {}): OverviewView =>
  describeOverview({ ...well, ...differences }, bundle, readerOf('en'), '/monitoring?period=day', here);

describe('the verdict', () => {
  const verdictOf = (differences: Partial<OverviewData>): ReturnType<typeof describeVerdict> =>
    describeVerdict({ ...well, ...differences }, bundle, readerOf('en'));

  it('is that all is well, with one sentence a topic and nothing to do', () => {
    const { level, title, items } = verdictOf({});
    expect([level, title]).toEqual(['good', 'All is well']);
    expect(items.map(({ topic }) => topic)).toEqual(['Log', 'Alerts', 'Errors', 'Latency', 'Drift']);
    expect(items.every(({ level: one, action }) => one === 'good' && action === null)).toBe(true);
  });

  it.each<[string, Partial<OverviewData>, string, RegExp]>([
    [
      'an input that drifted moderately',
      {
        drift: {
          ...stable,
          verdict: 'drifted',
          drifted: [{ name: 'creditLimit', severity: 'moderate', psi: 0.12 }],
        },
      },
      'Look at this: Drift',
      /1 of 24 inputs no longer look like the training data: Credit limit \(PSI 0\.12\)/,
    ],
    [
      'the probability that drifted much',
      {
        drift: {
          ...stable,
          verdict: 'drifted',
          drifted: [{ name: 'probability', severity: 'major', psi: 0.4 }],
        },
      },
      'Act now: Drift',
      /Probability of default \(PSI 0\.4\)/,
    ],
    [
      'many inputs that drifted, of which three are named',
      {
        drift: {
          ...stable,
          verdict: 'drifted',
          drifted: ['creditLimit', 'age', 'sex', 'billAmount1', 'billAmount2'].map((name) => ({
            name,
            severity: 'moderate',
            psi: 0.12,
          })),
        },
      },
      'Look at this: Drift',
      /5 of 24 inputs .*, Sex \(PSI 0\.12\), and 2 more\.$/,
    ],
    ['an overdue report', { driftJob: someJobStatus({ overdue: true }) }, 'Act now: Drift', /overdue/],
    ['a critical alert', { alerts: [someAlert()] }, 'Act now: Alerts', /1 alert is open/],
    [
      'a warning',
      { alerts: [someAlert({ severity: 'warning' })] },
      'Look at this: Alerts',
      /1 alert is open/,
    ],
    [
      'an acknowledged alert',
      { alerts: [someAlert({ state: 'acknowledged' })] },
      'Look at this: Alerts',
      /being looked after/,
    ],
    [
      'failures above the limit',
      { traffic: withTotals({ requests: 1_000, failed: 21 }) },
      'Act now: Errors',
      /21 requests failed on our side: 2\.1%, above 2%/,
    ],
    [
      'a log that cannot be used, with the reason and what to do',
      { outages: [away] },
      'Act now: Records',
      /^The prediction log cannot be used since 23 Nov 2026, 12:20 UTC\. The disk is full \(ENOSPC\): make room\.$/,
    ],
    [
      'a log that could not be used, with what left no record',
      { outages: [{ ...away, untilMs: NOW_MS - 584_000, unrecorded: { answers: 9, failed: 9 } }] },
      'Look at this: Records',
      /could not be used from 23 Nov 2026, 12:20 UTC on, for 16 seconds\. 9 answers of this process left no record\.$/,
    ],
    [
      'slow answers',
      { traffic: withTotals({ latencyMs: { p50: 90, p95: 251, p99: 900 } }) },
      'Look at this: Latency',
      /takes 251 ms or longer; the limit is 250 ms/,
    ],
    [
      'a problem of reading',
      { reading: someFoldState({ problem: 'The disk is full.' }) },
      'Act now: Log',
      /The disk is full\./,
    ],
    [
      'damaged lines',
      { reading: someFoldState({ damagedLines: 3 }) },
      'Look at this: Log',
      /3 damaged lines/,
    ],
    [
      'records from the future, which make the last minutes look calm',
      { reading: someFoldState({ lastRecordAtMs: NOW_MS + 3 * 3_600_000, damagedLines: 3 }) },
      'Act now: Log',
      /newest record is 3 hours ahead/,
    ],
    [
      'an engine that does not answer',
      { reading: null, traffic: null },
      'Act now: Log',
      /cannot be read now/,
    ],
  ])('names %s first', (_what, differences, title, sentence) => {
    const verdict = verdictOf(differences);
    expect(verdict.title).toBe(title);
    expect(verdict.items[0]?.sentence).toMatch(sentence);
  });

  it('does not call failures few because they left no record', () => {
    const { items } = verdictOf({ traffic: withTotals({ requests: 41, failed: 0 }), outages: [away] });
    expect(items.slice(0, 2)).toMatchObject([
      { topic: 'Records', action: expect.stringMatching(/No decision is made .* 271 answers/) as unknown },
      { topic: 'Errors', level: 'critical', sentence: expect.stringContaining('86.5%') as unknown },
    ]);
  });

  it('calls nothing silent that left no record', () => {
    const { items } = verdictOf({ traffic: withTotals({ ...NO_FIGURES }), outages: [away] });
    expect(items.map(({ topic }) => topic)).not.toContain('Traffic');
    expect(items).toContainEqual(expect.objectContaining({ topic: 'Errors', level: 'critical' }));
    expect(items.map(({ topic }) => topic)).not.toContain('Latency');
  });

  it('says that drift is not known while its reports cannot be read', () => {
    const { items } = verdictOf({ drift: null, driftReadable: false });
    expect(items.at(0)).toMatchObject({ level: 'unknown', sentence: 'Drift reports cannot be read now.' });
  });

  it('says until when records from the future hide new ones, and forgives clocks that differ a little', () => {
    const [log] = verdictOf({ reading: someFoldState({ lastRecordAtMs: NOW_MS + 3_600_000 }) }).items;
    const until = readerOf('en').formats.time(NOW_MS + 3_600_000).text;
    expect(log?.action).toMatch(/^Check the clock of this machine/);
    expect(log?.action).toContain(`Until ${until} new records take`);
    const { level } = verdictOf({ reading: someFoldState({ lastRecordAtMs: NOW_MS + 60_000 }) });
    expect(level).toBe('good');
  });

  it.each<[string, Partial<OverviewData>, RegExp]>([
    ['no report yet', { drift: null }, /the next is due 24 Nov 2026, 00:05 UTC/],
    [
      'too few decisions',
      { drift: { ...stable, verdict: 'insufficient_data', rows: 120 } },
      /120, and it takes 200/,
    ],
    [
      'a log still being read, with its progress',
      {
        reading: someFoldState({
          caughtUp: false,
          lagMs: 90_000,
          firstRecordAtMs: 0,
          lastRecordAtMs: NOW_MS / 4,
        }),
      },
      /25% of its time span, 2 minutes behind/,
    ],
    ['no request', { traffic: withTotals({ ...NO_FIGURES }) }, /No request in this span/],
  ])('does not call well what is not known: %s', (_what, differences, sentence) => {
    const verdict = verdictOf(differences);
    expect([verdict.level, verdict.title]).toEqual([
      'unknown',
      'Nothing wrong so far; not everything is known yet',
    ]);
    expect(verdict.items[0]?.sentence).toMatch(sentence);
  });
});

describe('the tiles', () => {
  const tile = (label: string, differences: Partial<OverviewData> = {}): object | undefined =>
    describeIt(differences).figures?.tiles.find((one) => one.label === label);

  it('compare requests by what came in per hour, because the running step is not over', () => {
    // 23.5 of 24 hours have passed: 47 requests now are as many per hour as 48 before.
    const before = { span: previous, totals: { ...withTotals({ requests: 48 }).totals } };
    expect(tile('Requests', { traffic: withTotals({ requests: 47 }), previous: before })).toMatchObject({
      value: '47',
      change: '0% per hour',
    });
  });

  it('compare shares in points and latency in per cent', () => {
    const before = withTotals(
      someFigures(1_000, { failed: 10, latencyMs: { p50: 1, p95: 2, p99: 3 } }),
    ).totals;
    const now = withTotals(someFigures(1_000, { failed: 15, latencyMs: { p50: 1, p95: 3, p99: 4 } }));
    const differences = { traffic: now, previous: { span: previous, totals: before } };
    expect(tile('Error rate', differences)).toMatchObject({
      value: '1.5%',
      change: '+0.5 points',
      level: 'good',
    });
    expect(tile('Latency p95', differences)).toMatchObject({ value: '3 ms', change: '+50%' });
  });

  it('count in the error rate what left no record, and say so', () => {
    const differences = { traffic: withTotals({ requests: 41, failed: 0 }), outages: [away] };
    expect(tile('Error rate', differences)).toMatchObject({
      value: '86.5%',
      level: 'critical',
      note: 'with 271 answers that left no record',
    });
  });

  it('compare with nothing when the log does not reach back', () => {
    for (const label of ['Requests', 'Error rate', 'Latency p95', 'Approval rate'])
      expect(tile(label, { previous: null })).toMatchObject({ change: null });
  });

  it('show a dash, not 0 %, where nothing was counted', () => {
    const differences = { traffic: withTotals({ ...NO_FIGURES, inferenceMs: null }) };
    expect(tile('Error rate', differences)).toMatchObject({ value: '–', level: null });
    expect(tile('Approval rate', differences)).toMatchObject({ value: '–' });
    expect(tile('Latency p95', differences)).toMatchObject({ value: '–' });
  });

  it.each([
    // 23.5 hours have passed.
    [84_600 * 5, '5', 'per second'],
    [1_410, '1', 'per minute'],
    [47, '2', 'per hour'],
  ])('give the throughput of %d requests in a unit that suits it', (requests, value, unit) => {
    expect(tile('Throughput', { traffic: withTotals({ requests }) })).toMatchObject({ value, unit });
  });
});

describe('the charts', () => {
  const charts = describeIt().figures?.charts;
  const drawn: readonly ChartView[] = charts ? Object.values<ChartView>({ ...charts }) : [];

  it('have a table each, with a row for each point, newest first', () => {
    for (const { id, spec, table } of drawn) {
      expect(table.rows).toHaveLength(id === 'probability' ? 20 : 24);
      expect(spec.series.every(({ values }) => values.length === spec.labels.length)).toBe(true);
    }
    expect(charts?.decisions.table.rows[0]?.[0]?.time?.iso).toBe('2026-11-23T12:00:00.000Z');
  });

  it('state their n, and draw their thresholds where they are in reach', () => {
    for (const { note } of drawn) expect(note).toMatch(/n = [\d,]+/);
    expect(charts?.errors.spec.lines).toEqual([{ axis: 'y', value: 0.02, label: 'alert 2%' }]);
    // 250 ms are far above some milliseconds: the note names them.
    expect(charts?.latency.spec.lines).toEqual([]);
    expect(charts?.latency.note).toContain('250 ms');
    const near = describeIt({ thresholds: { errorRate: 0.02, latencyP95Ms: 5 } }).figures?.charts.latency;
    expect(near?.spec.lines).toEqual([{ axis: 'y', value: 5, label: 'alert 5 ms' }]);
  });

  it('draw the probability as shares that add up to 1, with the policy’s bands', () => {
    const { spec } = charts?.probability ?? {};
    for (const { values } of spec?.series ?? [])
      expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(1, 12);
    expect(spec?.lines.map(({ value }) => value)).toEqual([0.08, 0.225]);
    expect(spec?.labels[0]).toBeCloseTo(0.025, 12);
  });

  it('give few requests a minute the whole height', () => {
    expect(charts?.rate.spec.y.atLeast).toBeNull();
  });

  it('show no fall that did not happen: the running step counts over what has passed of it', () => {
    const [series] = charts?.rate.spec.series ?? [];
    const last = someTraffic(span).points.at(-1)?.requests ?? 0;
    expect(series?.values.at(-1)).toBeCloseTo(last / 30, 12);
  });
});

describe('what can be empty', () => {
  it('shows how to send the first application instead of figures', () => {
    const reading = someFoldState({ firstRecordAtMs: null, lastRecordAtMs: null, records: 0 });
    const view = describeIt({ reading, traffic: withTotals({ ...NO_FIGURES }), drift: null, vitals: [] });
    expect(view.figures).toBeNull();
    expect(view.process).toEqual([]);
    expect(view.empty?.command).toMatch(/^curl -s http:\/\/127\.0\.0\.1:8123\/predict .+"creditLimit":90000/);
  });

  it('shows the rest of the page while the engine does not answer', () => {
    const view = describeIt({ traffic: null, reading: null, previous: null });
    expect(view.figures).toBeNull();
    expect(view.empty).toBeNull();
    expect(view.process).toHaveLength(3);
  });
});
