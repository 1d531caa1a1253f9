import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { type LoadedModel } from '../../src/model/active-models';
import { type DriftWindow, type ReferenceSample } from '../../src/monitoring/drift/drift-window';
import { assembleDriftWindow } from '../../src/monitoring/engine/assemble-drift-window';
import { layOutPopulation } from '../../src/monitoring/summary/population-layout';
import { Summary } from '../../src/monitoring/summary/summary';
import { ValueSample } from '../../src/monitoring/summary/value-sample';
import { type InputDefinition } from '../../src/scoring/manifest/manifest';
import { aDecision } from './prediction-record';

/** What of a decision drift is about. */
export type DecidedRow = Pick<DecisionRecord, 'inputs' | 'probability' | 'protected'>;

/** A day, as the schedule reports it. */
export const WINDOW_SPAN = { fromMs: Date.UTC(2026, 10, 22), toMs: Date.UTC(2026, 10, 23) };

/** Rows of a CSV file with inputs, protected inputs and probability as columns. */
export function readDecidedRows({ bundle }: LoadedModel, file: string): readonly DecidedRow[] {
  const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true });
  const read = (inputs: readonly InputDefinition[], row: Record<string, string>): DecidedRow['inputs'] =>
    Object.fromEntries(
      inputs.map(({ name, type }) => {
        const cell = row[name] ?? '';
        return [name, cell === '' ? null : type === 'category' ? cell : Number(cell)];
      }),
    );
  return rows.map((row) => ({
    inputs: read(bundle.inputs, row),
    protected: read(bundle.protectedInputs, row),
    probability: Number(row['probability']),
  }));
}

/** The window in which a model decided on these rows, put together as the service does it. */
export function aDriftWindow(
  { bundle, identity }: Pick<LoadedModel, 'bundle' | 'identity'>,
  referenceSample: ReferenceSample,
  rows: readonly DecidedRow[],
): DriftWindow {
  const layout = layOutPopulation(bundle, referenceSample);
  const model = { sha256: identity.sha256, layout };
  const summary = new Summary(model);
  const sample = new ValueSample(layout);
  for (const [index, row] of rows.entries()) {
    const record: DecisionRecord = {
      ...aDecision({ ...row, model: { ...identity, role: 'champion' } }),
      id: String(index),
      at: new Date(WINDOW_SPAN.fromMs).toISOString(),
    };
    summary.add(record);
    sample.add(record);
  }
  return assembleDriftWindow(WINDOW_SPAN, model, summary, sample, 0);
}
