import { type DriftReport } from './drift-report';

/** Injection token of the `DriftReportStore`. */
export const DRIFT_REPORT_STORE = Symbol('DriftReportStore');

/** Where drift reports are kept, by their ids: names that `parseDriftReportId` reads. Several processes may share it. */
export interface DriftReportStore {
  /** Ids of all reports, newest window first. */
  listIds(): Promise<readonly string[]>;
  /** A report's JSON as it was kept; undefined when there is none, an empty text when it cannot be read. */
  read(id: string): Promise<string | undefined>;
  /**
   * Keeps a report, whole or not at all, whatever happens to this process or the power.
   *
   * @returns false when there is a report of this id already; that one stays as it is
   */
  keep(report: DriftReport): Promise<boolean>;
  remove(ids: readonly string[]): Promise<void>;
  /** Where a report is, in the words of whoever has to mend it. */
  locate(id: string): string;
}
