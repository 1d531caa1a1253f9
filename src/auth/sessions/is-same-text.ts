import { timingSafeEqual } from 'node:crypto';

/** Compares secrets in a time that does not tell where they differ; their length is no secret. */
export function isSameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
