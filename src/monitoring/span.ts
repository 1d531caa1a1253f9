/** A half-open span of time: from inclusive, to exclusive, milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
