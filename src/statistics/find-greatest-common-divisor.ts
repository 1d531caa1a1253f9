/**
 * Greatest common divisor of two positive whole numbers, by Euclid's algorithm.
 *
 * Cost: O(log(min(a, b))).
 */
export function findGreatestCommonDivisor(a: number, b: number): number {
  let larger = a;
  let smaller = b;
  while (smaller !== 0) {
    [larger, smaller] = [smaller, larger % smaller];
  }
  return larger;
}
