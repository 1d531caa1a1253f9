import { type RateLimitConfiguration } from './configuration';

const RATE_LIMIT_PATTERN = /^([1-9]\d{0,8})\/([1-9]\d{0,4})$/;

/** Longer windows are quotas, which a process that restarts cannot keep. */
export const LONGEST_RATE_WINDOW_SECONDS = 3_600;

const PSI_PATTERN = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;

/** The words of a list that is separated by commas. */
export function splitList(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

/** As `splitList`, of which an empty text is an empty one. */
export function splitEntries(text: string): string[] {
  return text === '' ? [] : splitList(text);
}

/** Two numbers as `0.1/0.25`; NaN where the text is something else. */
export function splitPair(text: string): { moderate: number; major: number } {
  const [, moderate, major] = PSI_PATTERN.exec(text) ?? [];
  return { moderate: Number(moderate), major: Number(major) };
}

/** Requests and seconds, as `600/60`; undefined where the text is something else. */
export function splitRateLimit(text: string): RateLimitConfiguration | undefined {
  const [, requests, seconds] = RATE_LIMIT_PATTERN.exec(text) ?? [];
  if (requests === undefined || Number(seconds) > LONGEST_RATE_WINDOW_SECONDS) return undefined;
  return { requests: Number(requests), windowSeconds: Number(seconds) };
}

/** Whether a text is an address with a protocol, and not a file. */
export function isAddress(text: string): boolean {
  return /^[a-z]+:\/\//i.test(text);
}
