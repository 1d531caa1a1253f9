import { sumUnrecorded } from '../../../logging/log-outage';
import { type Reader } from '../reader';
import { drawSparkline } from '../draw-sparkline';
import { type TileView } from '../view-parts';
import { countPerMinute } from './count-per-minute';
import { countFailures } from './judge-service';
import { type OverviewData } from './overview-data';
import { type Traffic } from '../../traffic';

const HOUR_MS = 3_600_000;

/** Units of a throughput, the largest first that makes it 1 or more. */
const RATE_UNITS = [
  ['perSecond', 1_000],
  ['perMinute', 60_000],
  ['perHour', HOUR_MS],
] as const;

/** Key figures of the span, each with its change against the span before and a small trend. */
export function describeTiles(data: OverviewData, traffic: Traffic, reader: Reader): TileView[] {
  const { formats } = reader;
  const texts = reader.texts.overview;
  const { totals, points } = traffic;
  const { previous, thresholds, nowMs } = data;
  const plain = { unit: null, change: null, note: null, level: null, sparkline: null };

  // The running step is not over: compared is what came in per hour, not how much.
  const elapsedMs = Math.max(Math.min(traffic.span.toMs, nowMs) - traffic.span.fromMs, 1);
  const requestsBefore = previous?.totals.requests ?? 0;
  const previousMs = previous ? previous.span.toMs - previous.span.fromMs : 1;
  const change = requestsBefore > 0 ? totals.requests / elapsedMs / (requestsBefore / previousMs) - 1 : null;

  const rate = formatRate(totals.requests, elapsedMs, reader);
  const peak = formatRate(Math.max(0, ...points.map((point) => point.requests)), traffic.stepMs, reader);

  const answered = countFailures(data);
  const { answers: unrecorded } = sumUnrecorded(data.outages);
  const errors = shareOf(answered.failed, answered.requests);
  const errorsBefore = previous ? shareOf(previous.totals.failed, previous.totals.requests) : null;
  const p95 = totals.latencyMs?.p95 ?? null;
  const p95Before = previous?.totals.latencyMs?.p95 ?? null;
  const decided = countDecisions(totals);
  const approval = shareOf(totals.decisions.APPROVED, decided);
  const approvalBefore = previous
    ? shareOf(previous.totals.decisions.APPROVED, countDecisions(previous.totals))
    : null;
  const pointsChange = (now: number | null, before: number | null): string | null =>
    now === null || before === null ? null : texts.pointsChange(formats.points(now - before));

  return [
    {
      ...plain,
      label: texts.requests,
      value: formats.integer(totals.requests),
      change: change === null ? null : texts.requestsChange(formats.change(change)),
      sparkline: drawSparkline(points.map((point) => countPerMinute(point, nowMs))),
    },
    {
      ...plain,
      label: texts.throughput,
      value: rate.value,
      unit: rate.unit,
      note: texts.throughputNote(`${peak.value} ${peak.unit}`),
    },
    {
      ...plain,
      label: texts.errorRate,
      value: formats.share(errors),
      change: pointsChange(errors, errorsBefore),
      note:
        unrecorded > 0
          ? texts.errorRateUnrecorded(unrecorded, formats.integer(unrecorded))
          : texts.errorRateNote(formats.share(shareOf(totals.refused, totals.requests))),
      level: errors === null ? null : errors > thresholds.errorRate ? 'critical' : 'good',
      sparkline: drawSparkline(
        points.map((point) => shareOf(point.failed, point.requests)),
        thresholds.errorRate,
      ),
    },
    {
      ...plain,
      label: texts.latencyP95,
      value: formats.milliseconds(p95),
      change: p95 === null || p95Before === null ? null : formats.change(p95 / p95Before - 1),
      note: texts.latencyNote(
        formats.milliseconds(totals.latencyMs?.p50 ?? null),
        formats.milliseconds(totals.latencyMs?.p99 ?? null),
      ),
      level: p95 === null ? null : p95 > thresholds.latencyP95Ms ? 'attention' : 'good',
      sparkline: drawSparkline(points.map((point) => point.latencyMs?.p95 ?? null)),
    },
    {
      ...plain,
      label: texts.approvalRate,
      value: formats.share(approval),
      change: pointsChange(approval, approvalBefore),
      note: texts.approvalNote(
        formats.share(shareOf(totals.decisions.REFERRED, decided)),
        formats.share(shareOf(totals.decisions.REJECTED, decided)),
      ),
      sparkline: drawSparkline(
        points.map((point) => shareOf(point.decisions.APPROVED, countDecisions(point))),
      ),
    },
    {
      ...plain,
      label: texts.inference,
      value: formats.milliseconds(totals.inferenceMs?.p95 ?? null),
      note: texts.latencyNote(
        formats.milliseconds(totals.inferenceMs?.p50 ?? null),
        formats.milliseconds(totals.inferenceMs?.p99 ?? null),
      ),
    },
  ];
}

function formatRate(count: number, ms: number, { texts, formats }: Reader): { value: string; unit: string } {
  const [name, unitMs] = RATE_UNITS.find(([, length]) => (count * length) / ms >= 1) ?? ['perHour', HOUR_MS];
  return { value: formats.decimal((count * unitMs) / ms), unit: texts.overview[name] };
}

/** Null rather than 0 where nothing was counted: no traffic is not a rate of 0 %. */
function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function countDecisions({ decisions }: Pick<Traffic['totals'], 'decisions'>): number {
  return decisions.APPROVED + decisions.REFERRED + decisions.REJECTED;
}
