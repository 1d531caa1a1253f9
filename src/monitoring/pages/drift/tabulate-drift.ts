import { type CsvTable } from '../answer-csv';
import { type DriftData } from './drift-data';
import { type DriftTable } from './drift.query';

const INPUT_COLUMNS = [
  'report',
  'windowFrom',
  'windowTo',
  'name',
  'role',
  'verdict',
  'severity',
  'psi',
  'psiThreshold',
  'psiCritical',
  'ksStatistic',
  'ksPValue',
  'chiSquare',
  'chiSquarePValue',
  'wasserstein',
  'jensenShannon',
  'pValue',
  'adjustedPValue',
  'significance',
  'productionRows',
  'referenceRows',
  'missing',
  'unseen',
  'outOfRange',
  'importance',
  'rank',
];

/** A table of the page of drift for other programs; of inputs it has no rows before the first report. */
export function tabulateDrift({ report, runs }: DriftData, table: DriftTable): CsvTable {
  const name = `drift-${table}`;
  switch (table) {
    case 'inputs':
      return {
        name,
        columns: INPUT_COLUMNS,
        rows: (report?.inputs ?? []).map((input) => [
          report?.id ?? null,
          report?.window.from ?? null,
          report?.window.to ?? null,
          input.name,
          input.role,
          input.verdict,
          input.severity,
          input.psi.value,
          input.psi.threshold,
          input.psi.critical,
          input.kolmogorovSmirnov?.statistic ?? null,
          input.kolmogorovSmirnov?.pValue ?? null,
          input.chiSquare.statistic,
          input.chiSquare.pValue,
          input.wasserstein,
          input.jensenShannon,
          input.pValue,
          input.adjustedPValue,
          input.significance,
          input.productionRows,
          input.referenceRows,
          input.missing,
          input.unseen,
          input.outOfRange,
          input.importance,
          input.rank,
        ]),
      };
    case 'runs':
      return {
        name,
        columns: [
          'report',
          'trigger',
          'windowFrom',
          'windowTo',
          'windowHours',
          'createdAt',
          'model',
          'version',
          'sha256',
          'verdict',
          'rows',
          'drifted',
        ],
        rows: runs.map((run) => [
          run.id,
          run.trigger,
          run.window.from,
          run.window.to,
          run.window.hours,
          run.createdAt,
          run.model.name,
          run.model.version,
          run.model.sha256,
          run.verdict,
          run.rows,
          run.drifted.join(' '),
        ]),
      };
  }
}
