import { Counter, type Registry } from 'prom-client';

/** What can happen to a job: confirmed by the queue; decided, also again after a lost confirmation; given up. */
export type JobEvent = 'queued' | 'done' | 'failed';

/** What went through the queue, in this process. */
export class QueueMetrics {
  private readonly jobs: Counter<'event'>;
  private readonly decisions: Counter;

  constructor(registry: Registry) {
    this.jobs = new Counter({
      name: 'credit_scoring_jobs_total',
      help: 'Jobs of the queue that were queued, done or failed, in this process.',
      labelNames: ['event'],
      registers: [registry],
    });
    this.decisions = new Counter({
      name: 'credit_scoring_decision_events_total',
      help: 'Decisions that were published as events by this process.',
      registers: [registry],
    });
  }

  /** Counts one event of one job. */
  countJob(event: JobEvent): void {
    this.jobs.inc({ event });
  }

  /** @param count decisions that the broker has confirmed */
  countDecisions(count: number): void {
    this.decisions.inc(count);
  }
}
