import { type Span } from '../../src/monitoring/span';
import { type Traffic, type TrafficFigures, type TrafficPoint } from '../../src/monitoring/traffic';
import { MODEL, NOW_MS } from './monitoring';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What a span without any record adds up to. */
export const NO_FIGURES: TrafficFigures = {
  requests: 0,
  decisions: { APPROVED: 0, REFERRED: 0, REJECTED: 0 },
  statuses: {},
  refused: 0,
  failed: 0,
  latencyMs: null,
};

/** Figures of `requests` applications with the decisions of the hold-out sample, and a few refusals. */
export function someFigures(requests: number, differences: Partial<TrafficFigures> = {}): TrafficFigures {
  if (requests === 0) return { ...NO_FIGURES, ...differences };
  const refused = Math.round(requests * 0.013);
  const failed = Math.round(requests * 0.0004);
  const decided = requests - refused - failed;
  const approved = Math.round(decided * 0.21);
  const rejected = Math.round(decided * 0.305);
  return {
    requests,
    decisions: { APPROVED: approved, REFERRED: decided - approved - rejected, REJECTED: rejected },
    statuses: {
      200: decided,
      ...(refused > 0 && { 400: refused }),
      ...(failed > 0 && { 503: failed }),
    },
    refused,
    failed,
    latencyMs: { p50: 0.71, p95: 1.9 + (requests % 7) * 0.1, p99: 4.2 + (requests % 5) * 0.4 },
    ...differences,
  };
}

/** Traffic of a span in the engine's steps; busy by day, quiet by night; nothing after `NOW_MS`. */
export function someTraffic(span: Span, requestsPerHour = 420): Traffic {
  const length = span.toMs - span.fromMs;
  const stepMs = length <= 3 * HOUR_MS ? MINUTE_MS : length <= 8 * DAY_MS ? HOUR_MS : DAY_MS;
  const fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(span.toMs / stepMs) * stepMs;
  const points: TrafficPoint[] = [];
  for (let at = fromMs; at < toMs; at += stepMs) {
    const share = Math.max(0, Math.min(1, (NOW_MS - at) / stepMs));
    const wave = 1 + 0.6 * Math.sin(((at / HOUR_MS - 8) / 24) * 2 * Math.PI);
    const noise = 1 + 0.1 * Math.sin(at / MINUTE_MS);
    const requests = Math.round(
      (requestsPerHour * stepMs * share * (stepMs < DAY_MS ? wave : 1) * noise) / HOUR_MS,
    );
    points.push({ fromMs: at, toMs: at + stepMs, ...someFigures(requests) });
  }
  const requests = points.reduce((sum, point) => sum + point.requests, 0);
  const totals = someFigures(requests);
  const decisions = totals.decisions.APPROVED + totals.decisions.REFERRED + totals.decisions.REJECTED;
  const shape = [6, 12, 14, 13, 11, 8, 6, 5, 4, 3, 3, 2.5, 2.5, 2.5, 2.5, 2, 1.5, 1, 0.4, 0.1];
  return {
    span: { fromMs, toMs },
    stepMs,
    points,
    totals: {
      ...totals,
      inferenceMs: decisions > 0 ? { p50: 0.021, p95: 0.034, p99: 0.062 } : null,
      models: decisions > 0 ? [{ ...MODEL, role: 'champion', decisions }] : [],
      refusedFields:
        requests > 0
          ? [
              { field: 'creditLimit', code: 'out_of_range', requests: 41 },
              { field: 'repaymentStatus1', code: 'missing', requests: 12 },
              { field: '<script>alert(1)</script>', code: 'unknown_field', requests: 2 },
            ]
          : [],
    },
    probability: {
      edges: Array.from({ length: 19 }, (_, index) => (index + 1) * 0.05),
      counts: shape.map((share, index) => Math.round((decisions * share * (index < 6 ? 0.95 : 1.1)) / 100)),
      referenceCounts: shape.map((share) => Math.round(share * 60)),
    },
  };
}
