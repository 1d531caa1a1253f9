import { type Configuration, type MonitoringConfiguration } from '../../config/configuration';
import { type DriftReport } from '../drift/drift-report';
import { type MonitoredModel } from '../monitored-model';
import { type Span } from '../span';
import { type FoldState, type Traffic } from '../traffic';
import { type DriftRequest } from './monitoring-engine';

/** What the engine's thread is started with. */
export interface EngineOptions {
  readonly model: MonitoredModel;
  readonly storage: Configuration['storage'];
  readonly log: Pick<Configuration['log'], 'folder'>;
  readonly monitoring: Pick<MonitoringConfiguration, 'folder' | 'drift' | 'retentionDays'>;
}

/** What can be asked of the thread: argument and answer by name. */
export interface EngineCalls {
  readonly traffic: { readonly argument: Span; readonly answer: Traffic };
  readonly state: { readonly argument: undefined; readonly answer: FoldState };
  readonly catchUp: { readonly argument: undefined; readonly answer: undefined };
  readonly reportDrift: { readonly argument: DriftRequest; readonly answer: DriftReport };
  readonly close: { readonly argument: undefined; readonly answer: undefined };
}

export type EngineCall = keyof EngineCalls;

/** A question to the thread. */
export interface EngineQuestion {
  readonly id: number;
  readonly call: EngineCall;
  readonly argument: unknown;
}

/** What the thread says: an answer, why there is none, or what goes wrong (null: works again). */
export type EngineMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'problem'; readonly message: string | null };
