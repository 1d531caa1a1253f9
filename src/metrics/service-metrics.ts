import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type EndedRequest } from '../common/http/watch-requests';
import { DecisionMetrics, type ObservedDecision } from './decision-metrics';
import { DriftMetrics, type DriftGauges } from './drift-metrics';
import { LogMetrics } from './log-metrics';
import { type JobEvent, QueueMetrics } from './queue-metrics';
import { RequestMetrics } from './request-metrics';

/** Gauges whose names end like those of counters: `promtool check metrics` objects. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * Everything this process tells Prometheus, in a registry of its own: two services in one process, as in tests,
 * do not count for each other. No label ever holds what a caller sent.
 *
 * What only monitoring knows (`setDrift` and the others) is left out until it has been set: an instance that
 * does not monitor says nothing about drift, instead of saying that there is none.
 */
@Injectable()
export class ServiceMetrics {
  private readonly registry = new Registry();
  private readonly requests = new RequestMetrics(this.registry);
  private readonly decisions = new DecisionMetrics(this.registry);
  private readonly drift = new DriftMetrics(this.registry);
  private readonly log = new LogMetrics(this.registry);
  private readonly queue = new QueueMetrics(this.registry);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** Media type of `format`'s text, with its version. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics as they are now, in Prometheus' text format. */
  async format(): Promise<string> {
    const histograms = [this.requests.durations, this.decisions.probabilities, this.decisions.inferences];
    return [await this.registry.metrics(), ...histograms.map((histogram) => histogram.format())].join('\n');
  }

  /** Counts a request that is over. */
  observeRequest(request: EndedRequest): void {
    this.requests.observe(request);
  }

  /** Counts a decision that was kept. */
  observeDecision(decision: ObservedDecision): void {
    this.decisions.observe(decision);
  }

  /**
   * Takes over what a drift report found; inputs that the last one had and this one has not disappear.
   *
   * @param rows decisions in the report's window
   * @param windowEndSeconds end of the window, seconds since 1970 (UTC)
   */
  setDrift(inputs: readonly DriftGauges[], rows: number, windowEndSeconds: number): void {
    this.drift.setReport(inputs, rows, windowEndSeconds);
  }

  /** @param epochSeconds when the last drift job succeeded, seconds since 1970 (UTC); also one of an earlier start */
  setJobSuccess(epochSeconds: number): void {
    this.drift.setJobSuccess(epochSeconds);
  }

  /** @param bySeverity open alerts by severity; severities that are left out disappear */
  setOpenAlerts(bySeverity: Readonly<Record<string, number>>): void {
    this.drift.setOpenAlerts(bySeverity);
  }

  /** @param seconds how far monitoring's reading of the log is behind its writing */
  setLogLag(seconds: number): void {
    this.log.setLag(seconds);
  }

  /** @param lines damaged lines that were set aside so far */
  setDamagedLines(lines: number): void {
    this.log.setDamagedLines(lines);
  }

  /** Counts what happened to a job of the queue. */
  countJob(event: JobEvent): void {
    this.queue.countJob(event);
  }

  /** Counts decisions that were published as events. */
  countPublishedDecisions(count: number): void {
    this.queue.countDecisions(count);
  }
}
