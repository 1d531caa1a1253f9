import { sumUnrecorded } from '../../../logging/log-outage';
import { type Level } from '../view-parts';
import { type OverviewData } from './overview-data';

/** What was found about a topic; the words are chosen by both. */
export type Finding =
  | {
      readonly topic: 'reading';
      readonly finding: 'unavailable' | 'problem' | 'starting' | 'behind' | 'damaged' | 'future' | 'good';
    }
  | { readonly topic: 'records'; readonly finding: 'away' | 'wasAway' }
  | { readonly topic: 'traffic'; readonly finding: 'never' | 'none' }
  | {
      readonly topic: 'drift';
      readonly finding: 'none' | 'unavailable' | 'overdue' | 'drifted' | 'insufficient' | 'stable';
    }
  | { readonly topic: 'alerts'; readonly finding: 'open' | 'acknowledged' | 'none' }
  | { readonly topic: 'errors'; readonly finding: 'failed' | 'good' }
  | { readonly topic: 'latency'; readonly finding: 'slow' | 'good' };

/** A finding and how grave it is. */
export type Judgement = Finding & { readonly level: Level };

/** As the log tells at its start: clocks of machines that are set by the network differ by less. */
const MOST_AHEAD_MS = 60_000;

const SEVERITY: readonly Level[] = ['critical', 'attention', 'unknown', 'good'];

/**
 * Requests of the span and those that failed on our side, with what this process knows to have left no record: by the
 * log alone the time in which it could not be written would be one without errors.
 */
export function countFailures({ traffic, outages }: Pick<OverviewData, 'traffic' | 'outages'>): {
  readonly requests: number;
  readonly failed: number;
} {
  const { answers, failed } = sumUnrecorded(outages);
  return {
    requests: (traffic?.totals.requests ?? 0) + answers,
    failed: (traffic?.totals.failed ?? 0) + failed,
  };
}

/** Judges every topic; the worst first, so that the first one is the verdict. Never empty. */
export function judgeService(data: OverviewData): readonly Judgement[] {
  const judgements = [
    ...judgeRecords(data),
    judgeReading(data),
    judgeAlerts(data),
    ...judgeTraffic(data),
    judgeDrift(data),
  ];
  return judgements.sort((left, right) => SEVERITY.indexOf(left.level) - SEVERITY.indexOf(right.level));
}

/** Nothing is said of a log that could always be used. */
function judgeRecords({ outages }: OverviewData): Judgement[] {
  const last = outages.at(-1);
  if (last === undefined) return [];
  return last.untilMs === null
    ? [{ topic: 'records', level: 'critical', finding: 'away' }]
    : [{ topic: 'records', level: 'attention', finding: 'wasAway' }];
}

function judgeReading({ reading, nowMs }: OverviewData): Judgement {
  const topic = 'reading';
  if (reading === null) return { topic, level: 'critical', finding: 'unavailable' };
  if (reading.problem !== null) return { topic, level: 'critical', finding: 'problem' };
  // New records take the time of the newest one, so figures and alerts of the last minutes miss them: all may look calm.
  if (reading.lastRecordAtMs !== null && reading.lastRecordAtMs > nowMs + MOST_AHEAD_MS)
    return { topic, level: 'critical', finding: 'future' };
  if (reading.damagedLines > 0) return { topic, level: 'attention', finding: 'damaged' };
  if (!reading.caughtUp && reading.lastRecordAtMs === null)
    return { topic, level: 'unknown', finding: 'starting' };
  if (!reading.caughtUp) return { topic, level: 'unknown', finding: 'behind' };
  return { topic, level: 'good', finding: 'good' };
}

function judgeAlerts({ alerts }: OverviewData): Judgement {
  const topic = 'alerts';
  const open = alerts.filter((alert) => alert.state === 'open');
  if (open.some((alert) => alert.severity === 'critical'))
    return { topic, level: 'critical', finding: 'open' };
  if (open.length > 0) return { topic, level: 'attention', finding: 'open' };
  if (alerts.length > 0) return { topic, level: 'attention', finding: 'acknowledged' };
  return { topic, level: 'good', finding: 'none' };
}

function judgeTraffic(data: OverviewData): Judgement[] {
  const { traffic, reading, thresholds } = data;
  if (traffic === null) return [];
  const { latencyMs } = traffic.totals;
  const { requests, failed } = countFailures(data);
  if (requests === 0) {
    const finding = reading !== null && reading.firstRecordAtMs === null ? 'never' : 'none';
    return [{ topic: 'traffic', level: 'unknown', finding }];
  }
  const failing = failed / requests > thresholds.errorRate;
  const errors: Judgement = failing
    ? { topic: 'errors', level: 'critical', finding: 'failed' }
    : { topic: 'errors', level: 'good', finding: 'good' };
  // Nothing that was answered was recorded with its time.
  if (latencyMs === null) return [errors];
  return [
    errors,
    latencyMs.p95 > thresholds.latencyP95Ms
      ? { topic: 'latency', level: 'attention', finding: 'slow' }
      : { topic: 'latency', level: 'good', finding: 'good' },
  ];
}

function judgeDrift({ drift, driftJob, driftReadable }: OverviewData): Judgement {
  const topic = 'drift';
  if (!driftReadable) return { topic, level: 'unknown', finding: 'unavailable' };
  if (driftJob.overdue) return { topic, level: 'critical', finding: 'overdue' };
  if (drift === null) return { topic, level: 'unknown', finding: 'none' };
  switch (drift.verdict) {
    case 'drifted': {
      const major = drift.drifted.some((input) => input.severity === 'major');
      return { topic, level: major ? 'critical' : 'attention', finding: 'drifted' };
    }
    case 'insufficient_data':
      return { topic, level: 'unknown', finding: 'insufficient' };
    case 'stable':
      return { topic, level: 'good', finding: 'stable' };
  }
}
