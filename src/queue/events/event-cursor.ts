/** Injection token of the `EventCursor`. */
export const EVENT_CURSOR = Symbol('EventCursor');

/** Up to which record of the log decisions were published as events; several processes share it. */
export interface EventCursor {
  /**
   * Where to go on: the place that is kept, or this one, which is kept from now on when there is none.
   *
   * @param id of a record, or a bound between two
   */
  begin(id: string): Promise<string>;
  /** The place that is kept. */
  load(): Promise<string | undefined>;
  /** Moves the place on; one that lies before the kept one changes nothing. */
  move(id: string): Promise<void>;
}
