import { type DriftReport } from './drift-report';

/**
 * A drift run as one line of the application log: numbers as they are, n rows of the window and m of the reference,
 * every input, so that what was found can be queried without the report.
 */
export function describeDriftRun(report: DriftReport): Readonly<Record<string, unknown>> {
  const { id, verdict, trigger, window, rows, referenceRows, model, damagedLines, durationMs } = report;
  return {
    msg: `drift report: ${verdict}`,
    verdict,
    report: id,
    trigger,
    window,
    rows,
    referenceRows,
    model,
    damagedLines,
    durationMs,
    inputs: report.inputs.map((input) => ({
      name: input.name,
      verdict: input.verdict,
      psi: input.psi.value,
      psiThreshold: input.psi.threshold,
      psiCritical: input.psi.critical,
      ks: input.kolmogorovSmirnov?.statistic ?? null,
      ksP: input.kolmogorovSmirnov?.pValue ?? null,
      chiSquareP: input.chiSquare.pValue,
      adjustedP: input.adjustedPValue,
      significance: input.significance,
      n: input.productionRows,
      m: input.referenceRows,
    })),
  };
}
