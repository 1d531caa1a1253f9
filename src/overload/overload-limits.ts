/** How early a request is refused: `vital` never, `deferrable` before `decision`, a `batch` as its size asks for. */
export type RequestClass = 'vital' | 'decision' | 'batch' | 'deferrable';

/** From where on requests of a class are refused. */
export interface OverloadLimits {
  /** Weight in flight up to which the event loop may be as late as it likes: a handful is no overload. */
  readonly weightWithoutDelayLimit: number;
  /** How long a turn of the event loop may take, milliseconds. */
  readonly turnMs: number;
  /** How long the turn before may have taken, milliseconds. */
  readonly blockedMs: number;
  /** Weight of all requests in flight, those of other classes included. */
  readonly weight: number;
  /** Records waiting for their write. */
  readonly waitingRecords: number;
  /** Weight of the batches that wait for their turn. */
  readonly waitingInBatches: number;
}

/** Of a body, for each unit of weight: an application, so that a batch weighs what its applications would. */
const BYTES_A_WEIGHT = { json: 512, csv: 100 } as const;
const CSV_PATTERN = /^text\/csv/i;

/** A body whose length is not told may be of any size; single applications are no larger than this. */
const WEIGHT_OF_UNKNOWN_LENGTH = 128;

const DECISION_LIMITS: OverloadLimits = {
  // About 15 ms of work, ten times that on a cold or crowded machine: such a burst is answered faster than retried.
  weightWithoutDelayLimit: 128,
  // Hundreds of decisions in one turn of the event loop; they wait for about two turns, so 99 % take below 100 ms.
  turnMs: 20,
  // Something else than decisions blocked the loop. Who waited so long is better told to come back than served late.
  blockedMs: 200,
  // 4 MiB of JSON, the largest batch there is. So many single decisions are held up by nothing but a slow disk.
  weight: 8192,
  // Half of what the log takes: what is in flight by then still finds room.
  waitingRecords: 8192,
  // A single decision does not wait for batches.
  waitingInBatches: Infinity,
};

/** Two of the largest batches: a tenth of a second of work, so that most are answered within two. */
const MOST_WAITING_IN_BATCHES = 2000;

/** Pages and exports make room first: somebody can look again, a decision is a customer who waits. */
const DEFERRABLE_SHARE = 0.5;

/** @returns undefined: never refused */
export function limitsOf(requestClass: RequestClass): OverloadLimits | undefined {
  return LIMITS[requestClass];
}

const LIMITS: Readonly<Record<RequestClass, OverloadLimits | undefined>> = {
  vital: undefined,
  decision: DECISION_LIMITS,
  batch: { ...DECISION_LIMITS, waitingInBatches: MOST_WAITING_IN_BATCHES },
  deferrable: {
    weightWithoutDelayLimit: DECISION_LIMITS.weightWithoutDelayLimit * DEFERRABLE_SHARE,
    turnMs: DECISION_LIMITS.turnMs * DEFERRABLE_SHARE,
    blockedMs: DECISION_LIMITS.blockedMs * DEFERRABLE_SHARE,
    weight: DECISION_LIMITS.weight * DEFERRABLE_SHARE,
    waitingRecords: DECISION_LIMITS.waitingRecords * DEFERRABLE_SHARE,
    waitingInBatches: Infinity,
  },
};

/**
 * How much work and memory a request may take, known before its body is read.
 *
 * @param headers in lower case; without a length or a transfer encoding there is no body
 */
export function weighRequest(headers: {
  readonly 'content-length'?: string | undefined;
  readonly 'transfer-encoding'?: string | undefined;
  readonly 'content-type'?: string | undefined;
}): number {
  const length = headers['content-length'];
  if (length !== undefined) {
    const mediaType = CSV_PATTERN.test(headers['content-type'] ?? '') ? 'csv' : 'json';
    return Math.max(1, Math.floor(Number(length) / BYTES_A_WEIGHT[mediaType]));
  }
  return headers['transfer-encoding'] === undefined ? 1 : WEIGHT_OF_UNKNOWN_LENGTH;
}
