import { type DriftRun } from '../../drift/drift-report';

/**
 * The runs that make a trend: of the schedule, so that distances are even, and on one model, because another one
 * has another reference.
 *
 * @param runs newest first
 * @param sha256 the model's
 * @returns oldest first
 */
export function listTrendRuns(runs: readonly DriftRun[], sha256: string): readonly DriftRun[] {
  return runs.filter((run) => run.trigger !== 'manual' && run.model.sha256 === sha256).toReversed();
}
