import { orderFloat32Bits } from './order-float32-bits';

const float32 = new Float32Array(1);
const float32Bits = new Int32Array(float32.buffer);

/**
 * Key of the largest float32 not above a float64 threshold.
 *
 * scikit-learn asks whether float32(x) <= float64 threshold. No float32 lies between the threshold
 * and the float32 just below it, so comparing with that float32 answers the same for every x.
 *
 * @param threshold finite float64
 * @returns key on the scale of `orderFloat32Bits`; that of −∞ below the smallest float32 (every value goes
 * right), that of the largest float32 above it (every value goes left)
 *
 * Cost: O(1).
 */
export function thresholdKey(threshold: number): number {
  const nearest = Math.fround(threshold); // may be above the threshold
  float32[0] = nearest;
  const key = orderFloat32Bits(float32Bits[0] as number);
  return nearest > threshold ? key - 1 : key;
}
