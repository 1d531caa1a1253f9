/** Injection token of the `LogUpkeep`. */
export const LOG_UPKEEP = Symbol('LogUpkeep');

/**
 * What is done to records after they were kept: erasure, retention and legal holds. Everything else about the log
 * only adds to it.
 */
export interface LogUpkeep {
  /**
   * Clients whose records must stay, because a court or a regulator may ask for them: neither erasure nor retention
   * touches what is theirs. In the order in which they were held.
   *
   * @throws {LegalHoldsError} nobody can tell who is held
   */
  readHolds(): Promise<readonly string[]>;

  /**
   * Erasure, retention and changes of legal holds, one at a time over all processes: a hold that is set holds for all
   * that begins later. A process that dies lets go.
   *
   * @param signal ends it where it stands: what was done stays done
   * @throws {UpkeepTakenError} another one is under way
   */
  exclusively<T>(work: (session: UpkeepSession) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** What may be done by the one who holds the upkeep, and only while it does. */
export interface UpkeepSession extends Pick<LogUpkeep, 'readHolds'> {
  /** Holds a client durably. */
  hold(clientId: string): Promise<void>;

  /** Lets a client go, durably. */
  release(clientId: string): Promise<void>;

  /**
   * What holds nothing but records from before a time, milliseconds since the epoch.
   *
   * @throws {LegalHoldsError} nobody can tell what must stay
   */
  findExpired(beforeMs: number): Promise<Expired>;

  /** Removes what `findExpired` found, and what is no record and over. Interrupted, the next one goes on. */
  removeExpired(expired: Expired, beforeMs: number): Promise<void>;

  /** Removes what is personal of a client, whoever is under legal hold. Interrupted, the same erasure goes on. */
  erase(erasure: ErasureTask): Promise<ErasureResult>;
}

/** What is older than it is kept. */
export interface Expired {
  /** Segments of a log in files, as paths within its folder, or partitions of a month in PostgreSQL; oldest first. */
  readonly segments: readonly string[];
  /** Segments that stay because a client in them is under legal hold. */
  readonly held: readonly string[];
  /** Entries of `damaged-lines.ndjson`. */
  readonly setAsideLines: number;
}

/** Whom to erase. */
export interface ErasureTask {
  readonly clientId: string;
  /** Only this tenant's client of that name; undefined: every tenant's. */
  readonly tenant: string | undefined;
  /** When it is done, ISO 8601, UTC. */
  readonly at: string;
  /** Removes the raw values that monitoring keeps of the hours of these times, milliseconds since the epoch. */
  readonly eraseSamples: (recordTimes: readonly number[]) => Promise<void>;
  /** Ends it between two segments: what is erased stays erased, and the same order goes on later. */
  readonly signal: AbortSignal;
}

/** What was erased. */
export interface ErasureResult {
  /** The client's name in the records from now on; undefined when there was nothing. */
  readonly tombstone: string | undefined;
  readonly records: number;
  /** Segments, or partitions, that were changed. */
  readonly segments: number;
  /** Unreadable lines that named the client, in segments and in `damaged-lines.ndjson`. */
  readonly damagedLines: number;
  /** Unreadable lines in segments that name nobody this could tell. */
  readonly unattributedLines: number;
}

/** Another erasure, retention or change of legal holds is under way. */
export class UpkeepTakenError extends Error {
  override readonly name = 'UpkeepTakenError';
}

/** It may not be done; the message says why and what to do. */
export class ErasureRefusedError extends Error {
  override readonly name = 'ErasureRefusedError';
}

/** Legal holds cannot be understood: then nothing may be erased or removed. */
export class LegalHoldsError extends Error {
  override readonly name = 'LegalHoldsError';
}
