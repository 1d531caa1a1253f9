import { someReport } from '../../../test/factories/drift-report';
import { NOW_MS, someJobStatus, someAlert } from '../../../test/factories/monitoring';
import { someFoldState } from '../../../test/factories/monitoring-engine';
import { ALERT_KINDS } from './alert';
import { describeAlert } from './describe-alert';
import { findAlertCauses } from './find-alert-causes';

const HOUR = 3_600_000;

/** Every kind of alert there is, from figures as they come. */
const { causes } = findAlertCauses(
  {
    nowMs: NOW_MS,
    watchingSinceMs: NOW_MS - 24 * HOUR,
    fold: someFoldState({ lastRecordAtMs: NOW_MS - 2 * HOUR }),
    traffic: { requests: 30, failed: 20, latencyMs: { p50: 1, p95: 812.3456789, p99: 900 } },
    report: someReport(),
    job: someJobStatus({ overdue: true }),
    outages: [
      {
        sinceMs: NOW_MS - HOUR,
        untilMs: NOW_MS - 1,
        reason: 'The disk is full (ENOSPC): make room',
        unrecorded: { answers: 3, failed: 2 },
      },
    ],
    unacknowledgedDamagedLines: 3,
  },
  { errorRate: 0.02, latencyP95Ms: 250, silenceMinutes: 60 },
);

it.each(causes)('says of $kind what it is and what to do, with every figure it mentions known', (cause) => {
  const text = describeAlert({ event: 'opened', alert: someAlert(cause) });

  expect(text).toMatch(/^\S.+\. \S.+\.$/);
  expect(text).not.toContain('unknown');
});

it('covers every kind', () => {
  expect(new Set(causes.map(({ kind }) => kind)).size).toBe(ALERT_KINDS.length);
});

it('rounds figures to four digits', () => {
  const latency = causes.find(({ kind }) => kind === 'latency');

  expect(describeAlert({ event: 'opened', alert: someAlert(latency) })).toContain('was 812.3 ms');
});

it('says of an end when it was, and that nothing is left to do', () => {
  const alert = someAlert({ state: 'closed', closedAt: '2026-11-23T12:30:00.000Z' });

  expect(describeAlert({ event: 'closed', alert })).toMatch(
    /^Over since 2026-11-23T12:30:00\.000Z: creditLimit has drifted.+ Nothing is left to do\.$/,
  );
});
