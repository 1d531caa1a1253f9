/** A time in which this process could not use the prediction log. */
export interface LogOutage {
  readonly sinceMs: number;
  /** Null while it lasts. */
  readonly untilMs: number | null;
  /** The latest reason, and what to do. */
  readonly reason: string;
  /** What this process answered meanwhile and could not record; other processes count their own. */
  readonly unrecorded: UnrecordedAnswers;
}

/** Answers other than a decision that left no record; no decision ever does. */
export interface UnrecordedAnswers {
  readonly answers: number;
  /** Those of them with a status of 500 or above. */
  readonly failed: number;
}

/** What left no record in several outages. */
export function sumUnrecorded(outages: readonly LogOutage[]): UnrecordedAnswers {
  return {
    answers: outages.reduce((sum, { unrecorded }) => sum + unrecorded.answers, 0),
    failed: outages.reduce((sum, { unrecorded }) => sum + unrecorded.failed, 0),
  };
}
