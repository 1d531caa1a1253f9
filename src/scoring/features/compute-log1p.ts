/*
 * The constants of fdlibm's s_log1p.c: ln 2 in two parts, so that k · LN2_HIGH is exact, and the
 * minimax coefficients of the polynomial in s².
 */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const COEFFICIENTS = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
] as const;

const word = new DataView(new ArrayBuffer(8));

/** The upper 32 bits of a float64, which hold its sign, exponent and the first 20 bits of its fraction. */
function highWord(value: number): number {
  word.setFloat64(0, value);
  return word.getInt32(0);
}

function withHighWord(value: number, high: number): number {
  word.setFloat64(0, value);
  word.setInt32(0, high);
  return word.getFloat64(0);
}

/**
 * ln(1 + x), NaN for x ≤ −1 or NaN, within one unit in the last place.
 *
 * Written out in basic operations instead of `Math.log1p`, because the standard leaves that one's last
 * bit to the engine: training computes the same operations in Python, and features must be equal bit
 * for bit. Source: fdlibm (Sun Microsystems, 1993), s_log1p.c.
 */
export function computeLog1p(x: number): number {
  if (!(x > -1)) return NaN;
  if (x === Infinity) return Infinity;
  const magnitude = Math.abs(x);
  // Below 2^-29 the series x − x²/2 is exact to the last place; below 2^-54 even x itself is.
  if (magnitude < 2 ** -29) return magnitude < 2 ** -54 ? x : x - x * x * 0.5;

  let exponent = 0;
  let fraction = x;
  let correction = 0;
  let highOfU = 1;
  // Outside (−0.2929, 0.41422), 1 + x is split into 2^k · (1 + f) with √2/2 < 1 + f < √2.
  const highOfX = highWord(x);
  const nearZero = (highOfX > 0 || highOfX <= (0xbfd2bec4 | 0)) && highOfX < 0x3fda827a;
  if (!nearZero) {
    let u: number;
    if (highOfX < 0x43400000) {
      u = 1 + x;
      highOfU = highWord(u);
      exponent = (highOfU >> 20) - 1023;
      // What rounding lost when 1 was added.
      correction = (exponent > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    } else {
      u = x;
      highOfU = highWord(u);
      exponent = (highOfU >> 20) - 1023;
    }
    highOfU &= 0x000fffff;
    if (highOfU < 0x6a09e) {
      u = withHighWord(u, highOfU | 0x3ff00000);
    } else {
      exponent += 1;
      u = withHighWord(u, highOfU | 0x3fe00000);
      highOfU = (0x00100000 - highOfU) >> 2;
    }
    fraction = u - 1;
  }

  const halfSquare = 0.5 * fraction * fraction;
  if (highOfU === 0) {
    // |f| < 2^-20: the polynomial is not needed.
    if (fraction === 0) return exponent === 0 ? 0 : exponent * LN2_HIGH + (correction + exponent * LN2_LOW);
    const remainder = halfSquare * (1 - (2 / 3) * fraction);
    if (exponent === 0) return fraction - remainder;
    return exponent * LN2_HIGH - (remainder - (exponent * LN2_LOW + correction) - fraction);
  }
  const s = fraction / (2 + fraction);
  const z = s * s;
  const [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS;
  const polynomial = z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * (c6 + z * c7))))));
  if (exponent === 0) return fraction - (halfSquare - s * (halfSquare + polynomial));
  return (
    exponent * LN2_HIGH -
    (halfSquare - (s * (halfSquare + polynomial) + (exponent * LN2_LOW + correction)) - fraction)
  );
}
