import { type CsvTable, type CsvValue } from '../answer-csv';
import { describeTransform } from './describe-transform';
import { listMetrics } from './list-metrics';
import { type ModelCard } from './model-card';
import { type ModelTable } from './models.query';

/** A table of the model's card for other programs. */
export function tabulateModel(card: ModelCard, table: ModelTable): CsvTable {
  const name = `model-${table}`;
  switch (table) {
    case 'features':
      return {
        name,
        columns: ['feature', 'formula', 'permutationImportance', 'impurityImportance'],
        rows: card.features.map((feature) => [
          feature.name,
          describeTransform(feature.transform),
          feature.permutation,
          feature.impurity,
        ]),
      };
    case 'inputs':
      return {
        name,
        columns: [
          'name',
          'scored',
          'type',
          'minimum',
          'maximum',
          'categories',
          'unit',
          'nullable',
          'description',
        ],
        rows: [
          ...card.inputs.map((input) => listInput(input, true)),
          ...card.protectedInputs.map((input) => listInput(input, false)),
        ],
      };
    case 'metrics':
      return {
        name,
        columns: ['metric', 'value', 'low', 'high', 'standardDeviation'],
        rows: listMetrics(card.training.metrics).map((metric) => [
          metric.path.join('.'),
          metric.value,
          metric.interval?.[0] ?? null,
          metric.interval?.[1] ?? null,
          metric.deviation,
        ]),
      };
    case 'costs':
      return {
        name,
        columns: ['probability', 'approve', 'refer', 'reject'],
        rows: card.expectedCosts.map((row) => [row.probability, row.approve, row.refer, row.reject]),
      };
  }
}

function listInput(input: ModelCard['inputs'][number], scored: boolean): CsvValue[] {
  const numeric = input.type === 'category' ? null : input;
  return [
    input.name,
    scored,
    input.type,
    numeric?.minimum ?? null,
    numeric?.maximum ?? null,
    input.type === 'category' ? input.categories.join('|') : null,
    input.unit ?? null,
    input.nullable,
    input.description,
  ];
}
