import { type MonitoringConfiguration } from '../../config/configuration';
import { type LogOutage, sumUnrecorded } from '../../logging/log-outage';
import { type DriftJobStatus } from '../drift/drift-job';
import { type DriftReport, type InputDrift } from '../drift/drift-report';
import { type FoldState, type TrafficFigures } from '../traffic';
import { type AlertKind } from './alert';
import { type AlertCause, type Findings } from './alert-state';

/** Minutes over which errors and latency are judged: long enough for a percentile, short enough to act on. */
export const TRAFFIC_WINDOW_MINUTES = 10;

/**
 * Minutes for which an outage of the log that is over is still told. It may have lain between two looks, and while
 * PostgreSQL is away no look is made at all: the next one, also of a process that takes over, comes sooner than that.
 */
export const OUTAGE_NEWS_MINUTES = 3;

/** An outage in which nobody asked is told if it was longer than the pause between two looks. */
const SHORT_OUTAGE_MS = 60_000;

/** With fewer, one slow or failed request alone would pass a threshold. */
const FEWEST_REQUESTS = 20;

const MINUTE_MS = 60_000;

/** A log that has been silent for longer was not in use before: an example, or a service long retired. */
const LONGEST_SILENCE_MS = 24 * 60 * MINUTE_MS;

/** What a look has to go by; undefined is what could not be read. */
export interface AlertEvidence {
  readonly nowMs: number;
  /** Since when this process watches: before that it may have been the one that was away. */
  readonly watchingSinceMs: number;
  readonly fold: FoldState | undefined;
  /** Of the prediction log: those of the last `OUTAGE_NEWS_MINUTES`, oldest first. */
  readonly outages: readonly LogOutage[];
  /** Of the last `TRAFFIC_WINDOW_MINUTES`. */
  readonly traffic: Pick<TrafficFigures, 'requests' | 'failed' | 'latencyMs'> | undefined;
  /** The latest report made by the schedule; null before the first. */
  readonly report: DriftReport | null | undefined;
  readonly job: DriftJobStatus | undefined;
  /** Damaged lines found since an operator last acknowledged them. */
  readonly unacknowledgedDamagedLines: number;
}

type Thresholds = Omit<MonitoringConfiguration['alerts'], 'webhook' | 'cooldownMinutes'>;

/** What can be said about one kind: it holds, it does not, or there is not enough to tell. */
type Judgement = AlertCause | 'sound' | 'undecided';

/**
 * Figures → what is wrong now.
 *
 * What cannot be told is neither wrong nor mended. So few requests open no alert about errors, and close none as
 * long as they go on failing; an input without enough rows keeps the verdict it had.
 */
export function findAlertCauses(evidence: AlertEvidence, thresholds: Thresholds): Findings {
  const judgements: Readonly<Record<Exclude<AlertKind, 'input_drifted'>, Judgement>> = {
    log_unavailable: judgeLog(evidence),
    error_rate: judgeErrorRate(evidence, thresholds),
    latency: judgeLatency(evidence, thresholds),
    no_traffic: judgeSilence(evidence, thresholds),
    damaged_log_lines: judgeDamagedLines(evidence),
    drift_job_overdue: judgeDriftJob(evidence),
  };
  const kinds = new Set<AlertKind>();
  const causes: AlertCause[] = [];
  for (const [kind, judgement] of Object.entries(judgements) as [AlertKind, Judgement][]) {
    if (judgement === 'undecided') kinds.add(kind);
    else if (judgement !== 'sound') causes.push(judgement);
  }

  const { report } = evidence;
  if (report === undefined) kinds.add('input_drifted');
  const inputs = report?.inputs ?? [];
  causes.push(
    ...inputs
      .filter((input) => input.verdict === 'drifted')
      .map((input) => describeDrift(input, report as DriftReport)),
  );
  const thin = inputs.filter((input) => input.verdict === 'insufficient_data').map(({ name }) => name);
  return { causes, undecided: { kinds, inputs: new Set(thin) } };
}

function describeDrift(input: InputDrift, { id, window }: DriftReport): AlertCause {
  return {
    kind: 'input_drifted',
    subject: input.name,
    severity: input.severity === 'major' ? 'critical' : 'warning',
    figures: {
      psi: input.psi.value,
      threshold: input.psi.threshold,
      ...(input.adjustedPValue !== null && { adjustedPValue: input.adjustedPValue }),
      rows: input.productionRows,
      importance: input.importance,
      windowFrom: window.from,
      windowTo: window.to,
      report: id,
    },
  };
}

function judgeLog({ nowMs, outages }: AlertEvidence): Judgement {
  const told = outages.filter(
    ({ sinceMs, untilMs, unrecorded }) =>
      untilMs === null || unrecorded.answers > 0 || untilMs - sinceMs >= SHORT_OUTAGE_MS,
  );
  const last = told.at(-1);
  if (last === undefined) return 'sound';
  return {
    kind: 'log_unavailable',
    subject: null,
    severity: 'critical',
    figures: {
      reason: last.reason,
      since: new Date(last.sinceMs).toISOString(),
      lastedSeconds: Math.round(((last.untilMs ?? nowMs) - last.sinceMs) / 1000),
      unrecorded: sumUnrecorded(told).answers,
    },
  };
}

function judgeErrorRate({ fold, traffic }: AlertEvidence, { errorRate }: Thresholds): Judgement {
  if (fold?.caughtUp !== true || traffic === undefined || traffic.requests === 0) return 'undecided';
  const { failed, requests } = traffic;
  if (failed / requests <= errorRate) return 'sound';
  if (requests < FEWEST_REQUESTS) return 'undecided';
  return {
    kind: 'error_rate',
    subject: null,
    severity: 'critical',
    figures: {
      failed,
      requests,
      rate: failed / requests,
      threshold: errorRate,
      windowMinutes: TRAFFIC_WINDOW_MINUTES,
    },
  };
}

function judgeLatency({ fold, traffic }: AlertEvidence, { latencyP95Ms }: Thresholds): Judgement {
  if (fold?.caughtUp !== true || !traffic?.latencyMs) return 'undecided';
  const { latencyMs, requests } = traffic;
  if (latencyMs.p95 <= latencyP95Ms) return 'sound';
  if (requests < FEWEST_REQUESTS) return 'undecided';
  return {
    kind: 'latency',
    subject: null,
    severity: 'warning',
    figures: {
      p95Ms: latencyMs.p95,
      thresholdMs: latencyP95Ms,
      requests,
      windowMinutes: TRAFFIC_WINDOW_MINUTES,
    },
  };
}

function judgeSilence(
  { nowMs, watchingSinceMs, fold, outages }: AlertEvidence,
  { silenceMinutes }: Thresholds,
): Judgement {
  if (fold?.caughtUp !== true) return 'undecided';
  if (fold.lastRecordAtMs === null) return 'sound';
  // What comes meanwhile leaves no record.
  if (outages.some(({ untilMs }) => untilMs === null)) return 'undecided';
  const silenceMs = silenceMinutes * MINUTE_MS;
  const silentMs = nowMs - fold.lastRecordAtMs;
  if (silentMs < silenceMs) return 'sound';
  if (silentMs > silenceMs + LONGEST_SILENCE_MS || nowMs - watchingSinceMs < silenceMs) return 'undecided';
  return {
    kind: 'no_traffic',
    subject: null,
    severity: 'warning',
    figures: {
      silentMinutes: Math.floor(silentMs / MINUTE_MS),
      thresholdMinutes: silenceMinutes,
      lastRecordAt: new Date(fold.lastRecordAtMs).toISOString(),
    },
  };
}

function judgeDamagedLines({ unacknowledgedDamagedLines: lines }: AlertEvidence): Judgement {
  if (lines === 0) return 'sound';
  return { kind: 'damaged_log_lines', subject: null, severity: 'critical', figures: { lines } };
}

function judgeDriftJob({ job }: AlertEvidence): Judgement {
  if (job === undefined) return 'undecided';
  if (!job.overdue) return 'sound';
  return {
    kind: 'drift_job_overdue',
    subject: null,
    severity: 'critical',
    figures: {
      cron: job.cron,
      windowHours: job.windowHours,
      ...(job.lastWindowEndMs !== null && { lastWindowEnd: new Date(job.lastWindowEndMs).toISOString() }),
    },
  };
}
