import { someInputDrift, someReport } from '../../../test/factories/drift-report';
import { NOW_MS, someJobStatus } from '../../../test/factories/monitoring';
import { someFoldState } from '../../../test/factories/monitoring-engine';
import { type LogOutage } from '../../logging/log-outage';
import { type AlertEvidence, findAlertCauses } from './find-alert-causes';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const thresholds = { errorRate: 0.02, latencyP95Ms: 250, silenceMinutes: 60 };

const sound: AlertEvidence = {
  outages: [],
  nowMs: NOW_MS,
  watchingSinceMs: NOW_MS - 24 * HOUR,
  fold: someFoldState(),
  traffic: { requests: 100, failed: 2, latencyMs: { p50: 1, p95: 250, p99: 900 } },
  report: someReport({ verdict: 'stable', inputs: [someInputDrift('age', 0.05)] }),
  job: someJobStatus(),
  unacknowledgedDamagedLines: 0,
};

function judge(differences: Partial<AlertEvidence>): {
  causes: readonly unknown[];
  undecided: readonly string[];
} {
  const { causes, undecided } = findAlertCauses({ ...sound, ...differences }, thresholds);
  return { causes, undecided: [...undecided.kinds, ...undecided.inputs] };
}

const latencyMs = { p50: 1, p95: 251, p99: 900 };
const slow = { requests: 20, failed: 0, latencyMs };

it('finds nothing while every figure is at its threshold', () => {
  expect(judge({})).toEqual({ causes: [], undecided: [] });
});

describe('drift', () => {
  it('is a cause per drifted input: critical when major', () => {
    const { causes, undecided } = judge({ report: someReport() });

    expect(causes).toEqual([
      {
        kind: 'input_drifted',
        subject: 'creditLimit',
        severity: 'critical',
        figures: {
          psi: 0.31,
          threshold: 0.1,
          adjustedPValue: 4.8e-13,
          rows: 9_870,
          importance: 0.08,
          windowFrom: '2026-11-22T00:00:00.000Z',
          windowTo: '2026-11-23T00:00:00.000Z',
          report: '2026-11-23T00-00-00Z',
        },
      },
      expect.objectContaining({ subject: 'probability', severity: 'warning' }),
    ]);
    // The factory's input with 120 rows.
    expect(undecided).toEqual(['age']);
  });

  it('cannot be told while no report can be read, and does not hold before the first', () => {
    expect(judge({ report: undefined })).toEqual({ causes: [], undecided: ['input_drifted'] });
    expect(judge({ report: null })).toEqual({ causes: [], undecided: [] });
  });
});

describe('failed requests', () => {
  it('are a cause above the threshold', () => {
    expect(judge({ traffic: { requests: 20, failed: 1, latencyMs: null } }).causes).toEqual([
      {
        kind: 'error_rate',
        subject: null,
        severity: 'critical',
        figures: { failed: 1, requests: 20, rate: 0.05, threshold: 0.02, windowMinutes: 10 },
      },
    ]);
  });

  it.each([
    { what: 'too few, and failing', requests: 19, failed: 1, undecided: true },
    { what: 'too few, and all sound', requests: 19, failed: 0, undecided: false },
    { what: 'none at all', requests: 0, failed: 0, undecided: true },
  ])('of $what: undecided is $undecided', ({ requests, failed, undecided }) => {
    const found = judge({ traffic: { requests, failed, latencyMs: { p50: 1, p95: 2, p99: 3 } } });

    expect(found.causes).toEqual([]);
    expect(found.undecided.includes('error_rate')).toBe(undecided);
  });
});

describe('latency', () => {
  it('is a cause above the threshold', () => {
    expect(judge({ traffic: slow }).causes).toEqual([
      {
        kind: 'latency',
        subject: null,
        severity: 'warning',
        figures: { p95Ms: 251, thresholdMs: 250, requests: 20, windowMinutes: 10 },
      },
    ]);
  });

  it('of too few requests cannot be told while it is high', () => {
    expect(judge({ traffic: { ...slow, requests: 19 } })).toEqual({ causes: [], undecided: ['latency'] });
  });
});

describe('silence', () => {
  const silentFor = (ms: number): Partial<AlertEvidence> => ({
    fold: someFoldState({ lastRecordAtMs: NOW_MS - ms }),
  });

  it('is a cause after its minutes', () => {
    expect(judge(silentFor(90 * MINUTE + 30_000)).causes).toEqual([
      {
        kind: 'no_traffic',
        subject: null,
        severity: 'warning',
        figures: { silentMinutes: 90, thresholdMinutes: 60, lastRecordAt: '2026-11-23T10:59:30.000Z' },
      },
    ]);
  });

  it.each([
    { what: 'a minute less', evidence: silentFor(59 * MINUTE) },
    { what: 'a log without records', evidence: { fold: someFoldState({ lastRecordAtMs: null }) } },
  ])('does not hold for $what', ({ evidence }) => {
    expect(judge(evidence)).toEqual({ causes: [], undecided: [] });
  });

  it.each([
    { what: 'days without requests before: no alert opens, none closes', evidence: silentFor(26 * HOUR) },
    {
      what: 'a watch that began later: the service itself may have been away',
      evidence: { ...silentFor(2 * HOUR), watchingSinceMs: NOW_MS - 59 * MINUTE },
    },
  ])('cannot be told after $what', ({ evidence }) => {
    expect(judge(evidence)).toEqual({ causes: [], undecided: ['no_traffic'] });
  });
});

it('does not judge traffic before the log has been read to its end', () => {
  const fold = someFoldState({ caughtUp: false, lastRecordAtMs: NOW_MS - 2 * HOUR });

  expect(judge({ fold, traffic: { ...slow, failed: 20 } })).toEqual({
    causes: [],
    undecided: ['error_rate', 'latency', 'no_traffic'],
  });
});

it('leaves all that nobody answered undecided', () => {
  expect(judge({ fold: undefined, traffic: undefined, report: undefined, job: undefined }).undecided).toEqual(
    ['error_rate', 'latency', 'no_traffic', 'drift_job_overdue', 'input_drifted'],
  );
});

it('finds damaged lines that nobody acknowledged', () => {
  expect(judge({ unacknowledgedDamagedLines: 3 }).causes).toEqual([
    { kind: 'damaged_log_lines', subject: null, severity: 'critical', figures: { lines: 3 } },
  ]);
});

it.each([
  { lastWindowEndMs: Date.UTC(2026, 10, 21), figures: { lastWindowEnd: '2026-11-21T00:00:00.000Z' } },
  { lastWindowEndMs: null, figures: {} },
])('finds an overdue drift job: last window $lastWindowEndMs', ({ lastWindowEndMs, figures }) => {
  expect(judge({ job: someJobStatus({ overdue: true, lastWindowEndMs }) }).causes).toEqual([
    {
      kind: 'drift_job_overdue',
      subject: null,
      severity: 'critical',
      figures: { cron: '5 0 * * *', windowHours: 24, ...figures },
    },
  ]);
});

describe('a log that cannot be used', () => {
  const outage: LogOutage = {
    sinceMs: NOW_MS - 30_000,
    untilMs: null,
    reason: 'The disk is full',
    unrecorded: { answers: 0, failed: 0 },
  };
  const over: LogOutage = { ...outage, untilMs: NOW_MS - 14_000 };

  it('holds as long as it lasts, though nobody asks', () => {
    expect(judge({ outages: [outage] }).causes).toEqual([
      {
        kind: 'log_unavailable',
        subject: null,
        severity: 'critical',
        figures: {
          reason: 'The disk is full',
          since: new Date(NOW_MS - 30_000).toISOString(),
          lastedSeconds: 30,
          unrecorded: 0,
        },
      },
    ]);
  });

  it('holds after it is over when answers left no record, and counts them over all outages', () => {
    const first = { ...over, unrecorded: { answers: 2, failed: 2 } };
    const last = { ...over, unrecorded: { answers: 270, failed: 269 } };
    expect(judge({ outages: [first, last] }).causes).toMatchObject([
      { kind: 'log_unavailable', figures: { lastedSeconds: 16, unrecorded: 272 } },
    ]);
  });

  it('holds after it is over when it was longer than the pause between two looks', () => {
    expect(judge({ outages: [{ ...over, sinceMs: NOW_MS - 80_000 }] }).causes).toHaveLength(1);
  });

  it('does not hold when it was over before anybody met it', () => {
    expect(judge({ outages: [over] })).toEqual({ causes: [], undecided: [] });
  });

  it('leaves open whether applications come, as they leave no record', () => {
    const fold = someFoldState({ lastRecordAtMs: NOW_MS - 2 * HOUR });
    expect(judge({ fold, outages: [outage] })).toMatchObject({
      causes: [{ kind: 'log_unavailable' }],
      undecided: ['no_traffic'],
    });
  });
});
