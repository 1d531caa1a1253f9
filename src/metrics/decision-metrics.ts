import { type Registry } from 'prom-client';
import { LightCounter, type Tally } from './light-counter';
import { LightHistogram } from './light-histogram';
import { INFERENCE_SECONDS, PROBABILITY_BOUNDS } from './metric-buckets';

type Decision = 'APPROVED' | 'REFERRED' | 'REJECTED';
/** What is counted of one model. */
type Tallies = Readonly<Record<Decision, Tally>>;

/** What is counted of a decision; a `DecisionRecord` is one. */
export interface ObservedDecision {
  readonly decision: Decision;
  readonly model: { readonly name: string; readonly version: string };
  /** Probability of default, in [0, 1]. */
  readonly probability: number;
  readonly inferenceTimeMs: number;
}

/** Decisions that were kept: how many of each, how probable a default was, how long the model took. */
export class DecisionMetrics {
  private readonly decisions: LightCounter<'decision' | 'model'>;
  private readonly tallies = new Map<string, Map<string, Tallies>>();
  readonly probabilities = new LightHistogram(
    'credit_scoring_probability_of_default',
    'Probability of default of the applications decided on, from 0 (good) to 1.',
    PROBABILITY_BOUNDS,
  );
  private readonly probabilitySeries = this.probabilities.addSeries();
  readonly inferences = new LightHistogram(
    'credit_scoring_inference_duration_seconds',
    'From a checked application to its decision; in a batch, the share of an application.',
    INFERENCE_SECONDS,
  );
  private readonly inferenceSeries = this.inferences.addSeries();

  constructor(registry: Registry) {
    this.decisions = new LightCounter(
      registry,
      'credit_scoring_decisions_total',
      'Decisions that were made and kept.',
      ['decision', 'model'],
    );
  }

  /** Counts a decision that was kept. */
  observe({ decision, model, probability, inferenceTimeMs }: ObservedDecision): void {
    this.talliesOf(model)[decision].count += 1;
    this.probabilitySeries.observe(probability);
    this.inferenceSeries.observe(inferenceTimeMs / 1000);
  }

  private talliesOf({ name, version }: ObservedDecision['model']): Tallies {
    let byVersion = this.tallies.get(name);
    if (byVersion === undefined) this.tallies.set(name, (byVersion = new Map<string, Tallies>()));
    let tallies = byVersion.get(version);
    if (tallies === undefined) byVersion.set(version, (tallies = this.addModel(`${name}/${version}`)));
    return tallies;
  }

  /** All three start at 0 together, so that a rate of approval is 0 and not unknown while none was approved. */
  private addModel(model: string): Tallies {
    return {
      APPROVED: this.decisions.addSeries({ decision: 'APPROVED', model }),
      REFERRED: this.decisions.addSeries({ decision: 'REFERRED', model }),
      REJECTED: this.decisions.addSeries({ decision: 'REJECTED', model }),
    };
  }
}
