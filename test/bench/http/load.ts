/** What the load generator is asked for. */
export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  /** Connections kept open; each sends its next request as soon as it has its answer. */
  readonly connections: number;
  /** Sends no more after so many seconds or requests; what was sent by then is still answered and counted. */
  readonly limit: { readonly seconds: number } | { readonly requests: number };
}

/** What came of it. */
export interface LoadResult {
  /** Requests that were sent, each of them answered. */
  readonly requests: number;
  /** How many of the answers were 200. */
  readonly succeeded: number;
  readonly seconds: number;
  /** Latency, milliseconds: from the write of a request to the last byte of its answer. */
  readonly p50: number;
  readonly p99: number;
  /** Share of one processor that the generator itself took: near 1, it would be what is measured. */
  readonly busy: number;
}

/** The generator's message: it is ready for orders, has a result, or failed. */
export type LoadMessage =
  { readonly ready: true } | { readonly result: LoadResult } | { readonly error: string };
