import { type ModelIdentity } from '../../../model/model-registry';
import { type InputDefinition } from '../../../scoring/manifest/manifest';
import { type DriftJobStatus } from '../../drift/drift-job';
import { type DriftReport, type DriftRun, type InputDrift } from '../../drift/drift-report';

/** All that the page of drift shows, raw; also the answer of `GET /monitoring/api/drift`. */
export interface DriftData {
  readonly nowMs: number;
  /** The one asked for, otherwise the latest of the schedule; null before the first. */
  readonly report: DriftReport | null;
  /** Id of the latest of the schedule; null before the first. */
  readonly latestId: string | null;
  /** Newest first. */
  readonly runs: readonly DriftRun[];
  readonly job: DriftJobStatus;
  /** The model that decides now. */
  readonly model: ModelIdentity;
}

/** What one run found of one input. */
export interface DriftPoint
  extends
    Pick<DriftRun, 'id' | 'window'>,
    Pick<InputDrift, 'verdict' | 'severity' | 'psi' | 'kolmogorovSmirnov' | 'adjustedPValue'> {
  readonly rows: number;
}

/** All that the page of one input shows, raw; also the answer of `GET /monitoring/api/drift/{input}`. */
export interface DriftInputData {
  readonly name: string;
  /** From the bundle that decides now; null for the probability, and for an input of an earlier model. */
  readonly definition: InputDefinition | null;
  readonly protected: boolean;
  /** The report that `subject` is of; null before the first. */
  readonly report: Omit<DriftReport, 'inputs'> | null;
  readonly latestId: string | null;
  readonly subject: InputDrift | null;
  /** Runs of the schedule on the same model, oldest first. */
  readonly history: readonly DriftPoint[];
}
