import { type Prediction } from '../../../src/prediction/prediction';

/** An answer of the service's fields and size, for peers that decide nothing. */
export function likePrediction(clientId: string): Prediction {
  return {
    id: '019a0b6e-6f00-7000-8000-0123456789ab',
    clientId,
    probability: 0.0707277257532322,
    score: 576,
    decision: 'APPROVED',
    model: { name: 'credit-default', version: '1.0.0' },
    policyVersion: '2026-11-1',
    inferenceTimeMs: 0.0123,
  };
}
