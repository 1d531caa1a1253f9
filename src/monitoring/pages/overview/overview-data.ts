import { type LogOutage } from '../../../logging/log-outage';
import { type ModelIdentity } from '../../../model/model-registry';
import { type Policy } from '../../../scoring/policy/policy';
import { type Alert } from '../../alerts/alert';
import { type DriftJobStatus } from '../../drift/drift-job';
import { type DriftReport, type InputDrift } from '../../drift/drift-report';
import { type Span } from '../../span';
import { type FoldState, type Traffic } from '../../traffic';
import { type VitalsPoint } from '../../vitals/vitals';
import { type ChosenSpan } from './choose-span';

/** What the overview needs of the latest drift report. */
export interface DriftSummary extends Pick<
  DriftReport,
  'id' | 'verdict' | 'window' | 'createdAt' | 'rows' | 'thresholds'
> {
  /** How many inputs were compared. */
  readonly inputs: number;
  /** Highest rank first. */
  readonly drifted: readonly (Pick<InputDrift, 'name' | 'severity'> & { readonly psi: number })[];
}

/** All that the overview shows, raw; also the answer of `GET /monitoring/api`. */
export interface OverviewData {
  readonly nowMs: number;
  readonly period: ChosenSpan['period'];
  readonly span: Span;
  /** Null while the engine cannot answer; `problem` then says so. */
  readonly traffic: Traffic | null;
  /** The span as long right before; null when the log does not reach back that far. */
  readonly previous: { readonly span: Span; readonly totals: Traffic['totals'] } | null;
  /** The latest scheduled report; null before the first, and while reports cannot be read. */
  readonly drift: DriftSummary | null;
  readonly driftReadable: boolean;
  readonly driftJob: DriftJobStatus;
  /** Open and acknowledged ones. */
  readonly alerts: readonly Alert[];
  /** How far reading the log has come; null while the engine cannot answer. */
  readonly reading: FoldState | null;
  /** Of the prediction log, as this process saw them: any in the span, and the one under way; oldest first. */
  readonly outages: readonly LogOutage[];
  /** Of this process, one point a minute: mean CPU, the most of memory and delay. */
  readonly vitals: readonly VitalsPoint[];
  readonly thresholds: { readonly errorRate: number; readonly latencyP95Ms: number };
  readonly model: ModelIdentity;
  readonly bands: Policy['bands'];
}
