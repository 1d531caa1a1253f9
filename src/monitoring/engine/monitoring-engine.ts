import { type DriftReport } from '../drift/drift-report';
import { type Span } from '../span';
import { type FoldState, type Traffic } from '../traffic';

export const MONITORING_ENGINE = Symbol('MonitoringEngine');

/**
 * Reads the log, keeps the summaries and answers from them. It works in a thread of its own, so that neither
 * reading nor statistics delay a prediction. All times are UTC.
 */
export interface MonitoringEngine {
  /**
   * What a span's records add up to, in steps that suit its length: of 1 or 5 minutes up to 3 hours, of 1 or 3 hours
   * up to 8 days, of days or weeks beyond. The span is widened to whole steps. Cost: one merge per minute, hour or
   * day, whatever the number of records.
   */
  traffic(span: Span): Promise<Traffic>;
  /** How far reading has come. */
  state(): Promise<FoldState>;
  /** Resolves when everything written before the call is in the summaries. */
  catchUp(): Promise<void>;
  /**
   * Compares the decisions of whole hours with the reference of the active model.
   *
   * @param request the window, on whole hours, and how the report is named
   */
  reportDrift(request: DriftRequest): Promise<DriftReport>;
  /** Saves what is to be saved and ends the thread. */
  close(): Promise<void>;
}

/** Which drift report to make. */
export interface DriftRequest {
  readonly span: Span;
  readonly trigger: DriftReport['trigger'];
}
