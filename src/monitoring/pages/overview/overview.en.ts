import { type ChosenSpan } from './choose-span';

const periods: Record<ChosenSpan['period'], string> = {
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
  custom: 'Custom',
};

/** Words of the overview; parameters are numbers and names ready to be shown. */
export const overviewEn = {
  title: 'Overview',
  verdict: {
    good: 'All is well',
    unknown: 'Nothing wrong so far; not everything is known yet',
    attention: (topic: string): string => `Look at this: ${topic}`,
    critical: (topic: string): string => `Act now: ${topic}`,
    label: 'Verdict',
  },
  topics: {
    records: 'Records',
    reading: 'Log',
    traffic: 'Traffic',
    drift: 'Drift',
    alerts: 'Alerts',
    errors: 'Errors',
    latency: 'Latency',
  },
  reading: {
    unavailable: 'The figures cannot be read now.',
    unavailableAction: 'Reload in a moment; if it stays so, look for errors in the application log.',
    problem: (problem: string): string => `Reading or keeping the figures fails: ${problem}`,
    problemAction: 'Figures below may be incomplete until this is mended.',
    starting: 'Reading the log has just begun.',
    behind: (share: string, lag: string): string =>
      `The log is still being read (${share} of its time span, ${lag} behind).`,
    behindAction: 'Figures below are incomplete until it is done; nothing is to be done.',
    damaged: (lines: string): string => `${lines} damaged lines in the log.`,
    damagedAction: 'Look at damaged-lines.ndjson in the log folder, and at the disk.',
    future: (ahead: string): string => `The newest record is ${ahead} ahead of this machine’s clock.`,
    futureAction: (until: string): string =>
      `Check the clock of this machine, and of the database if there is one. Until ${until} new records take the newest one’s time, so figures and alerts of the last minutes miss them.`,
    good: (ago: string): string => `The log is read up to its end; last record ${ago} ago.`,
    empty: 'The log is read up to its end; it is empty.',
  },
  records: {
    away: (since: string, reason: string): string =>
      `The prediction log cannot be used since ${since}. ${reason}.`,
    awayAction: 'No decision is made until this is mended; nothing needs a restart.',
    wasAway: (count: number, shown: string, since: string, lasted: string): string =>
      count === 1
        ? `The prediction log could not be used from ${since} on, for ${lasted}.`
        : `The prediction log could not be used ${shown} times, last from ${since} on, for ${lasted}.`,
    wasAwayAction:
      'The application log says why. Only the error rate counts what left no record; charts and tables do not.',
    unrecorded: (count: number, shown: string): string =>
      count === 0
        ? 'Answers that left no record are counted by the process that gave them: by this one none.'
        : count === 1
          ? '1 answer of this process left no record.'
          : `${shown} answers of this process left no record.`,
  },
  drift: {
    unavailable: 'Drift reports cannot be read now.',
    none: (next: string): string => `No drift report yet; the next is due ${next}.`,
    noneAction: 'Reports are made by themselves as soon as there are decisions.',
    overdue: 'A drift report is overdue.',
    overdueAction: (failure: string | null): string =>
      failure === null ? 'Look for its errors in the application log.' : `The last run failed: ${failure}`,
    drifted: (count: string, inputs: string, names: string): string =>
      `${count} of ${inputs} inputs no longer look like the training data: ${names}.`,
    more: (count: string): string => `and ${count} more`,
    psi: (name: string, psi: string): string => `${name} (PSI ${psi})`,
    insufficient: (rows: string, minimum: string): string =>
      `Too few decisions to judge drift: ${rows}, and it takes ${minimum}.`,
    insufficientAction: 'Wait for more decisions, or widen DRIFT_WINDOW_HOURS.',
    stable: (inputs: string, rows: string): string =>
      `All ${inputs} inputs look like the training data (${rows} decisions compared).`,
    action: 'See which values moved, and whether the applicants or the data feed changed.',
    link: 'Open the drift report',
  },
  alerts: {
    open: (count: number, shown: string): string =>
      count === 1 ? '1 alert is open.' : `${shown} alerts are open.`,
    openAction: 'Find the cause, then acknowledge with a note.',
    acknowledged: (count: number, shown: string): string =>
      count === 1 ? '1 alert is being looked after.' : `${shown} alerts are being looked after.`,
    none: 'No open alert.',
    link: 'Open the alerts',
  },
  errors: {
    failed: (failed: string, share: string, threshold: string): string =>
      `${failed} requests failed on our side: ${share}, above ${threshold}.`,
    action: 'Look for errors in the application log, and at disk and memory.',
    good: (share: string, threshold: string): string =>
      `${share} of requests failed on our side (limit ${threshold}).`,
  },
  latency: {
    slow: (p95: string, threshold: string): string =>
      `One answer in twenty takes ${p95} or longer; the limit is ${threshold}.`,
    action: 'Compare with traffic, processor and event-loop delay below.',
    good: (p95: string, threshold: string): string =>
      `19 of 20 answers take at most ${p95} (limit ${threshold}).`,
  },
  traffic: {
    none: 'No request in this span.',
    noneAction: 'Choose a longer span, or check that callers reach the service.',
    never: 'No application has been decided yet.',
    neverAction: 'Send one as shown below; this page fills by itself.',
  },
  empty:
    'There are no figures yet: no application has reached the service. Send the example of the model, and this page shows it within seconds:',
  periods,
  period: 'Span',
  from: 'From (UTC)',
  to: 'To (UTC)',
  show: 'Show',
  shown: 'Shown:',
  until: 'to',
  comparedWith: (length: string): string => `Changes compare with the previous ${length}.`,
  comparedWithNothing: (length: string): string =>
    `Nothing to compare with: the log does not hold the previous ${length}.`,
  tiles: 'Key figures',
  requests: 'Requests',
  requestsChange: (change: string): string => `${change} per hour`,
  throughput: 'Throughput',
  throughputNote: (peak: string): string => `most in one step: ${peak}`,
  perSecond: 'per second',
  perMinute: 'per minute',
  perHour: 'per hour',
  errorRate: 'Error rate',
  errorRateNote: (refused: string): string => `refused by input checks: ${refused}`,
  errorRateUnrecorded: (count: number, shown: string): string =>
    count === 1 ? 'with 1 answer that left no record' : `with ${shown} answers that left no record`,
  pointsChange: (points: string): string => `${points} points`,
  latencyP95: 'Latency p95',
  latencyNote: (p50: string, p99: string): string => `p50 ${p50} · p99 ${p99}`,
  approvalRate: 'Approval rate',
  approvalNote: (referred: string, rejected: string): string => `referred ${referred} · rejected ${rejected}`,
  inference: 'Model alone, p95',
  time: 'From',
  day: 'Day (UTC)',
  charts: {
    heading: 'Traffic and decisions',
    rate: 'Throughput',
    rateNote: (n: string, step: string): string =>
      `Requests per minute, mean of each step of ${step}; n = ${n}`,
    decisions: 'Decisions',
    decisionsNote: (n: string): string => `Decisions a step, stacked; n = ${n}`,
    latency: 'Latency',
    latencyNote: (n: string, threshold: string): string =>
      `First byte to record, percentiles within 1%; alert above p95 = ${threshold}; n = ${n}`,
    statuses: 'Status codes',
    statusesNote: (n: string): string =>
      `Answers a step, stacked: decided, refused (4xx), failed (5xx); n = ${n}`,
    errors: 'Error rate',
    errorsNote: (n: string, threshold: string): string =>
      `Share of requests that failed on our side (5xx); alert above ${threshold}; n = ${n}`,
    probability: 'Probability of default',
    probabilityNote: (n: string, m: string): string =>
      `Share of decisions in 20 bins, beside the reference; production n = ${n}, reference n = ${m}`,
    approveBelow: 'approved below',
    referBelow: 'rejected from',
    limit: 'alert',
    requests: 'Requests per minute',
    ok: 'Decided (200)',
    refused: 'Refused (4xx)',
    failed: 'Failed (5xx)',
    production: 'Production',
    reference: 'Reference',
    bin: 'Probability',
    shareOfRows: 'Share of rows',
    count: 'Count',
    milliseconds: 'Milliseconds',
    share: 'Share',
    megabytes: 'Megabytes',
  },
  process: {
    heading: 'This process, last hour',
    cpu: 'Processor',
    cpuNote: (now: string): string => `Share of one core by minute; now ${now}`,
    memory: 'Memory',
    memoryNote: (now: string): string => `Resident, most in each minute; now ${now}`,
    delay: 'Event-loop delay',
    delayNote: (now: string): string => `99th percentile, longest in each minute; now ${now}`,
    empty: 'Measured every 10 seconds from the start on; the first point comes soon.',
  },
  tables: {
    heading: 'Details',
    statuses: 'Status codes',
    status: 'Status',
    meaning: 'Meaning',
    requests: 'Requests',
    share: 'Share',
    noStatuses: 'No answer in this span.',
    refusedFields: 'Fields that callers got wrong',
    field: 'Field',
    wholeBody: 'the body as a whole',
    code: 'Why',
    noRefusedFields: 'No application was refused for a field in this span.',
    models: 'Models that decided',
    model: 'Model',
    role: 'Role',
    decisions: 'Decisions',
    noModels: 'No decision in this span.',
    noPoints: 'No step in this span.',
  },
  statusMeanings: {
    200: 'decided',
    400: 'not valid',
    403: 'scope missing',
    404: 'no such address or job',
    405: 'wrong method',
    408: 'arrived too slowly',
    409: 'same key still in flight',
    413: 'body too large',
    414: 'address too long',
    415: 'wrong media type',
    417: 'expectation cannot be met',
    421: 'meant for another host',
    422: 'key used for another application',
    431: 'headers too large',
    500: 'defect of the service',
    503: 'not able to decide, record or queue',
  } as Record<string, string>,
};
