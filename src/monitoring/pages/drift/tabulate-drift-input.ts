import { type CsvTable } from '../answer-csv';
import { type DriftInputData } from './drift-data';
import { type DriftInputTable } from './drift.query';

/** A table of one input's drift for other programs; without rows before the first report. */
export function tabulateDriftInput(data: DriftInputData, table: DriftInputTable): CsvTable {
  const name = `drift-${table}`;
  switch (table) {
    case 'bins':
      return {
        name,
        columns: ['report', 'input', 'kind', 'above', 'upTo', 'category', 'reference', 'production'],
        rows: (data.subject?.bins ?? []).map((bin) => [
          data.report?.id ?? null,
          data.name,
          bin.kind,
          bin.above ?? null,
          bin.upTo ?? null,
          bin.category ?? null,
          bin.reference,
          bin.production,
        ]),
      };
    case 'history':
      return {
        name,
        columns: [
          'report',
          'input',
          'windowFrom',
          'windowTo',
          'verdict',
          'severity',
          'psi',
          'psiThreshold',
          'psiCritical',
          'ksStatistic',
          'ksPValue',
          'adjustedPValue',
          'productionRows',
        ],
        rows: data.history.map((point) => [
          point.id,
          data.name,
          point.window.from,
          point.window.to,
          point.verdict,
          point.severity,
          point.psi.value,
          point.psi.threshold,
          point.psi.critical,
          point.kolmogorovSmirnov?.statistic ?? null,
          point.kolmogorovSmirnov?.pValue ?? null,
          point.adjustedPValue,
          point.rows,
        ]),
      };
  }
}
