/** Milliseconds since 1970 (UTC), injected wherever time is read, so that tests can move it. */
export type Clock = () => number;

/** Injection token of the `Clock`. */
export const CLOCK = Symbol('Clock');
