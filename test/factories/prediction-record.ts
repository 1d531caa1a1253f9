import {
  type AuditRecord,
  type DecisionRecord,
  type RecordDraft,
  type RefusalRecord,
} from '../../src/logging/prediction-record';

/** A complete decision, about as long as those of a model with 23 inputs; `differences` replace members. */
export function aDecision(
  differences: Partial<RecordDraft<DecisionRecord>> = {},
): RecordDraft<DecisionRecord> {
  return {
    requestId: '3f2c9a52-7f0e-4a51-9d0d-1f6f3b6f2b11',
    caller: 'anonymous',
    model: {
      name: 'credit-default',
      version: '2026.01.0',
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      role: 'champion',
    },
    inputs: {
      creditLimit: 20_000,
      age: 24,
      education: 'université',
      maritalStatus: null,
      ...Object.fromEntries(
        ['Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov'].flatMap((month, index) => [
          [`billed${month}`, 3913.5 - index],
          [`paid${month}`, 689 + index],
          [`delay${month}`, index],
        ]),
      ),
    },
    protected: { sex: 'female' },
    probability: 0.1 + 0.2,
    score: 583,
    decision: 'REFERRED',
    policyVersion: '3',
    inferenceTimeMs: 0.004_2,
    totalTimeMs: 0.61,
    ...differences,
  };
}

/** A refused request. */
export function aRefusal(differences: Partial<RecordDraft<RefusalRecord>> = {}): RecordDraft<RefusalRecord> {
  return {
    requestId: 'f7a7bd3e-1d3c-4a3b-8f0b-0d9a4c0ff0a2',
    caller: 'anonymous',
    totalTimeMs: 0.2,
    status: 400,
    problem: { title: 'Invalid application', errors: [{ field: 'age', code: 'minimum' }] },
    ...differences,
  };
}

/** Somebody who made a key. */
export function anAuditRecord(differences: Partial<RecordDraft<AuditRecord>> = {}): RecordDraft<AuditRecord> {
  return {
    audit: { action: 'key-created', subject: 'cs_1f6f3b6f', outcome: 'done', from: '192.0.2.7' },
    caller: 'administrator',
    requestId: '0d9a4c0f-f0a2-4a3b-8f0b-f7a7bd3e1d3c',
    ...differences,
  };
}
