import { type DriftReport, type DriftRun } from './drift-report';

/** One line of the history from a report. */
export function summarizeDriftReport(report: DriftReport): DriftRun {
  const { id, trigger, window, createdAt, model, verdict, rows, inputs } = report;
  return {
    id,
    trigger,
    window,
    createdAt,
    model,
    verdict,
    rows,
    drifted: inputs.filter((input) => input.verdict === 'drifted').map(({ name }) => name),
    psi: Object.fromEntries(inputs.map(({ name, psi }) => [name, psi.value])),
    verdicts: Object.fromEntries(inputs.map((input) => [input.name, input.verdict])),
  };
}
