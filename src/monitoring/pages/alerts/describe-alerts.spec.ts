import { loadModel } from '../../../../test/factories/decided-log';
import { NOW_MS, someAlert } from '../../../../test/factories/monitoring';
import { type Bundle } from '../../../scoring/bundle/bundle';
import { type Alert, type AlertKind } from '../../alerts/alert';
import { readerOf } from '../reader';
import { type AlertsData } from './alerts-data';
import { type AlertsView, describeAlerts, type FormOutcome } from './describe-alerts';

/** All that each kind carries; see `AlertFigures`. */
const FIGURES: Readonly<Record<AlertKind, Alert['figures']>> = {
  input_drifted: {
    psi: 0.312,
    threshold: 0.1,
    adjustedPValue: 1e-9,
    rows: 9_870,
    importance: 0.081,
    windowFrom: '2026-11-22T00:00:00.000Z',
    windowTo: '2026-11-23T00:00:00.000Z',
    report: '2026-11-23T00-00-00Z',
  },
  log_unavailable: {
    reason: 'The prediction log cannot be written (ENOSPC 5): make room',
    since: '2026-11-23T12:00:00.000Z',
    lastedSeconds: 960,
    unrecorded: 1_271,
  },
  error_rate: { failed: 41, requests: 812, rate: 0.0505, threshold: 0.02, windowMinutes: 10 },
  latency: { p95Ms: 1_312.4, thresholdMs: 250, requests: 812, windowMinutes: 10 },
  no_traffic: { silentMinutes: 75, thresholdMinutes: 60, lastRecordAt: '2026-11-23T11:15:00.000Z' },
  damaged_log_lines: { lines: 3 },
  drift_job_overdue: { cron: '5 0 * * *', windowHours: 24 },
};

let bundle: Bundle;
beforeAll(async () => {
  bundle = (await loadModel()).bundle;
});

function show(
  alerts: readonly Alert[],
  outcome: FormOutcome | null = null,
  language: 'en' | 'fr' = 'en',
): AlertsView {
  const data: AlertsData = {
    nowMs: NOW_MS,
    alerts,
    rules: {
      psi: { moderate: 0.1, major: 0.25 },
      errorRate: 0.02,
      latencyP95Ms: 250,
      silenceMinutes: 60,
      windowMinutes: 10,
    },
  };
  return describeAlerts(data, outcome, bundle, readerOf(language));
}

const ofKind = (kind: AlertKind): Alert =>
  someAlert({ kind, subject: kind === 'input_drifted' ? 'creditLimit' : null, figures: FIGURES[kind] });

describe('describeAlerts', () => {
  it.each([
    [
      'input_drifted',
      'Credit limit has drifted',
      /PSI 0\.312, .*9,870 decisions from 22 Nov 2026, 00:00 UTC.*weighs 8\.1%/,
    ],
    [
      'error_rate',
      'Requests fail on our side',
      /^41 of 812 requests failed within 10 min\w*: 5\.1%, limit 2%\.$/,
    ],
    ['latency', 'Answers are slow', /took 1\.3 s or longer .*; limit 250 ms\.$/],
    ['no_traffic', 'No application comes any more', /the last one came 23 Nov 2026, 11:15 UTC\.$/],
    ['damaged_log_lines', 'Damaged lines in the prediction log', /: 3\.$/],
    [
      'drift_job_overdue',
      'A drift report is overdue',
      /\(DRIFT_CRON 5 0 \* \* \*\); the last reported window ended never\.$/,
    ],
  ] as const)('words an alert of kind %s', (kind, title, what) => {
    const [alert] = show([ofKind(kind)]).open;
    expect(alert?.title).toBe(title);
    expect(alert?.what).toMatch(what);
    expect(alert?.action).not.toBe('');
  });

  it.each(Object.keys(FIGURES) as AlertKind[])('leaves no figure of kind %s unknown in French', (kind) => {
    const [alert] = show([ofKind(kind)], null, 'fr').open;
    const expected = kind === 'drift_job_overdue' ? /a fini jamais\.$/ : /^(?!.*(jamais|undefined|NaN))/;
    expect(alert?.what).toMatch(expected);
  });

  it('links a drifted input to its report', () => {
    expect(show([ofKind('input_drifted')]).open[0]?.link).toBe(
      '/monitoring/drift/creditLimit?report=2026-11-23T00-00-00Z',
    );
  });

  it.each([
    [[someAlert(), someAlert({ severity: 'warning' })], 'critical', '2 open alerts'],
    [[someAlert({ severity: 'warning' })], 'attention', '1 open alert'],
    [[someAlert({ state: 'acknowledged' })], 'attention', '1 alert is being looked after'],
    [[someAlert({ state: 'closed' })], 'good', 'No open alert'],
    [[], 'good', 'No open alert'],
  ])('judges what is left open: %#', (alerts, level, title) => {
    expect(show(alerts).verdict).toMatchObject({ level, title });
  });

  it('shows 50 closed alerts and says that there are more', () => {
    const closed = Array.from({ length: 51 }, () =>
      someAlert({ state: 'closed', closedAt: '2026-11-20T12:29:00.000Z' }),
    );
    const view = show(closed);
    expect(view.closed.rows).toHaveLength(50);
    expect(view.closedNote).toBe('50 of 51 closed alerts; the CSV has all.');
  });

  it('gives a refused note back to its own form, with what is wrong', () => {
    const alerts = [someAlert(), someAlert({ id: 'other' })];
    const sent = { note: 'x'.repeat(501), problem: 'too_long' } as const;
    const [first, second] = show(alerts, { kind: 'refused', alertId: someAlert().id, sent }).open;
    expect(first?.form).toMatchObject({ note: sent.note, problem: 'Write at most 500 characters.' });
    expect(second?.form).toMatchObject({ note: '', problem: null });
  });

  it('confirms only what is so', () => {
    const acknowledged = someAlert({ state: 'acknowledged', note: 'seen' });
    const done = { kind: 'done', alertId: acknowledged.id } as const;
    expect(show([acknowledged], done).message?.text).toBe('Acknowledged: Credit limit has drifted');
    expect(show([someAlert()], done).message).toBeNull();
    expect(show([], done).message).toBeNull();
  });
});
