import { DECISIONS, type Decision } from '../scoring/policy/decide';
import { type PredictionAnswer } from './prediction-client';
import { type ReplayCase } from './replay-cases';

/** Counts what came of the requests of a replay. */
export class ReplayTally {
  sent = 0;
  /** Requests sent later than due, since too many were unanswered. */
  delayed = 0;
  /** Probabilities that had one to be compared with. */
  compared = 0;
  different = 0;
  /** Probabilities that had none. */
  incomparable = 0;
  /** Answered with 200, but with no decision in it. */
  senseless = 0;
  readonly statuses = new Map<string, number>();
  /** Requests without an answer, by reason. */
  readonly failures = new Map<string, number>();
  readonly decisions = new Map<Decision, number>(DECISIONS.map((decision) => [decision, 0]));
  readonly models = new Map<string, number>();
  /** Status of the first answer that let nobody in: 401 without a valid key, 403 without its scope. */
  accessRefusal: 401 | 403 | undefined;
  /** Of all answers, milliseconds. */
  readonly latencies: number[] = [];

  addAnswer(replayCase: ReplayCase, { status, prediction }: PredictionAnswer, latencyMs: number): void {
    this.latencies.push(latencyMs);
    count(this.statuses, String(status));
    if (status === 401 || status === 403) this.accessRefusal ??= status;
    if (status !== 200) return;
    if (prediction === undefined) {
      this.senseless += 1;
      return;
    }
    count(this.decisions, prediction.decision);
    count(this.models, prediction.model);
    if (replayCase.probability === undefined) {
      this.incomparable += 1;
      return;
    }
    this.compared += 1;
    if (prediction.probability !== replayCase.probability) this.different += 1;
  }

  addFailure(reason: string): void {
    count(this.failures, reason);
  }

  get answered(): number {
    return this.latencies.length;
  }

  /** Whether every request was answered as scikit-learn would have. */
  get flawless(): boolean {
    const accepted = this.statuses.get('200') ?? 0;
    return accepted === this.sent && this.senseless === 0 && this.different === 0;
  }
}

/**
 * Percentiles by nearest rank: the smallest value that at least so many percent of all do not exceed.
 *
 * @param values in any order
 * @param percents above 0, at most 100
 * @returns one value a percent; NaN without values
 *
 * Cost: O(n log n).
 */
export function computePercentiles(values: readonly number[], percents: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return percents.map((percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? NaN);
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
