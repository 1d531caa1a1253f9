/** One way of evaluating a forest, to be timed. */
export interface EvaluatorPeer {
  readonly name: string;
  /** Microseconds a row when rows are evaluated one by one; wraps round at the last row. */
  timeSingle(first: number, count: number): Promise<number>;
  /** Microseconds a row when all rows are evaluated at once; left out where that is not on offer. */
  timeBatch?(): Promise<number>;
  /** All probabilities, one row at a time where single rows are timed. */
  probabilities(): Promise<ArrayLike<number>>;
  close?(): void;
}
