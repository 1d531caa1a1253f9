import { type Registry } from 'prom-client';
import { type EndedRequest } from '../common/http/watch-requests';
import { LightCounter, type Tally } from './light-counter';
import { type HistogramSeries, LightHistogram } from './light-histogram';
import { REQUEST_SECONDS } from './metric-buckets';

/** Methods that get a label of their own; the others that Node reads, some thirty, share `other`. */
const COMMON_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'unknown'];

/** What is counted of one method on one route. */
interface Series {
  /** The method's. */
  readonly label: string;
  readonly durations: HistogramSeries;
  readonly byStatus: Map<number, Tally>;
}

/** Requests by method, route and status. Their number is bounded by the routes, never by what callers send. */
export class RequestMetrics {
  private readonly requests: LightCounter<'method' | 'route' | 'status'>;
  /** Includes requests that ended with a problem. */
  readonly durations = new LightHistogram(
    'credit_scoring_http_request_duration_seconds',
    'From the headers of a request to the last byte of its answer.',
    REQUEST_SECONDS,
  );
  private readonly byRoute = new Map<string, Map<string, Series>>();

  constructor(registry: Registry) {
    this.requests = new LightCounter(
      registry,
      'credit_scoring_http_requests_total',
      'Requests that are over, by the status they were answered with; 499: the caller went away before.',
      ['method', 'route', 'status'],
    );
  }

  /** Counts a request that is over. */
  observe({ method, route, status, durationMs }: EndedRequest): void {
    const series = this.seriesOf(route, method);
    const tally = series.byStatus.get(status) ?? this.addStatus(series, route, status);
    tally.count += 1;
    if (durationMs !== undefined) series.durations.observe(durationMs / 1000);
  }

  private seriesOf(route: string, method: string): Series {
    let byMethod = this.byRoute.get(route);
    if (byMethod === undefined) this.byRoute.set(route, (byMethod = new Map<string, Series>()));
    return byMethod.get(method) ?? this.addMethod(byMethod, route, method);
  }

  private addMethod(byMethod: Map<string, Series>, route: string, method: string): Series {
    const label = COMMON_METHODS.includes(method) ? method : 'other';
    const series = byMethod.get(label) ?? {
      label,
      durations: this.durations.addSeries({ method: label, route }),
      byStatus: new Map<number, Tally>(),
    };
    byMethod.set(label, series);
    byMethod.set(method, series);
    return series;
  }

  private addStatus({ byStatus, label }: Series, route: string, status: number): Tally {
    const tally = this.requests.addSeries({ method: label, route, status: String(status) });
    byStatus.set(status, tally);
    return tally;
  }
}
