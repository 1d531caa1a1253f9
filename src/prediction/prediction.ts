import { type ProblemDocument } from '../common/http/problem';
import { type DecisionRecord } from '../logging/prediction-record';

/** What `POST /predict` answers. */
export interface Prediction {
  /** Of the record that was kept. */
  readonly id: string;
  readonly clientId?: string;
  /** Probability of default, full float64, in [0, 1]. Low is good. */
  readonly probability: number;
  /** Points: high is good. */
  readonly score: number;
  readonly decision: DecisionRecord['decision'];
  readonly model: { readonly name: string; readonly version: string };
  readonly policyVersion: string;
  /** From the checked application to its decision, milliseconds. */
  readonly inferenceTimeMs: number;
}

/** What a batch answers for one of its applications. */
export type BatchItem = Prediction | ProblemDocument;

/** The part of a kept record that the caller is told. */
export function toPrediction(record: DecisionRecord): Prediction {
  return {
    id: record.id,
    ...(record.clientId !== undefined && { clientId: record.clientId }),
    probability: record.probability,
    score: record.score,
    decision: record.decision,
    model: { name: record.model.name, version: record.model.version },
    policyVersion: record.policyVersion,
    inferenceTimeMs: record.inferenceTimeMs,
  };
}
