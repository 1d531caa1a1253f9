/**
 * Sessions that were logged out: none is forgotten before it would be over anyway, whatever restarts or is away.
 */
export interface EndedSessions {
  /** Whether a session was logged out; at once where it is known here. Never rejects. */
  has(id: string): boolean | Promise<boolean>;
  /** Resolves when it cannot be forgotten any more. */
  add(id: string, nowMs: number): Promise<void>;
  /** Ends what goes on beside requests. */
  close(): void;
}
