import { type CsvTable } from '../answer-csv';
import { type PredictionData, type PredictionsData } from './predictions-data';

/** The decisions of one page for other programs. */
export function tabulatePredictions({ items }: PredictionsData): CsvTable {
  return {
    name: 'predictions',
    columns: [
      'id',
      'at',
      'clientId',
      'decision',
      'probability',
      'score',
      'model',
      'version',
      'sha256',
      'policyVersion',
      'inferenceTimeMs',
      'totalTimeMs',
      'caller',
      'requestId',
    ],
    rows: items.map((record) => [
      record.id,
      record.at,
      record.clientId ?? null,
      record.decision,
      record.probability,
      record.score,
      record.model.name,
      record.model.version,
      record.model.sha256,
      record.policyVersion,
      record.inferenceTimeMs,
      record.totalTimeMs,
      record.caller,
      record.requestId,
    ]),
  };
}

/** The values of one record for other programs; none of a refusal. */
export function tabulatePrediction({ record, inputs, protected: protectedInputs }: PredictionData): CsvTable {
  const rows = [
    ...inputs.map((input) => ({ ...input, scored: true })),
    ...protectedInputs.map((input) => ({ ...input, scored: false })),
  ];
  return {
    name: `prediction-${record.id}`,
    columns: [
      'name',
      'scored',
      'value',
      'unit',
      'binAbove',
      'binUpTo',
      'category',
      'referenceShare',
      'referenceBelow',
      'referenceThrough',
    ],
    rows: rows.map(({ name, scored, value, definition, position }) => [
      name,
      scored,
      value,
      definition?.unit ?? null,
      position?.above ?? null,
      position?.upTo ?? null,
      position?.category ?? null,
      position?.share ?? null,
      position?.below ?? null,
      position?.through ?? null,
    ]),
  };
}
