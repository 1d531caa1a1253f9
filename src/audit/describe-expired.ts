import { type Expired } from './log-upkeep';

/** What was removed, for the audit trail: how much, and from where to where. */
export function describeExpired({
  segments,
  held,
  setAsideLines,
}: Expired): Readonly<Record<string, string | number>> {
  const first = segments[0];
  const last = segments.at(-1);
  return {
    segments: segments.length,
    ...(first !== undefined && last !== undefined && { first, last }),
    heldSegments: held.length,
    setAsideLines,
  };
}
