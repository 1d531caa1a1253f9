import { computeStirlingCorrection } from './compute-stirling-correction';

/** A square matrix, or a vector, as value · exp(logScale). */
interface Scaled {
  values: Float64Array;
  logScale: number;
}

/**
 * Exact P(D < distance) of the two-sided one-sample Kolmogorov–Smirnov statistic, by powers of Durbin's matrix.
 *
 * With k = ⌈n·distance⌉ it is n!/nⁿ times the middle element of the n-th power of a (2k − 1) × (2k − 1) matrix. All
 * its elements are positive, so nothing cancels; scales are kept apart as logarithms, so nothing over- or underflows.
 *
 * @param rows n, whole, at least 1
 * @param distance greater than 0, less than 1
 * @returns probability in [0, 1], relative precision about 1e-15 · n
 *
 * Cost: O(k³·log n), so for small n·distance only. Source: Marsaglia, Tsang and Wang (2003), Journal of Statistical
 * Software 8(18).
 */
export function computeDurbinProbability(rows: number, distance: number): number {
  const middle = Math.ceil(rows * distance) - 1;
  const size = 2 * middle + 1;
  let matrix: Scaled = { values: makeMatrix(size, middle + 1 - rows * distance), logScale: 0 };
  const row: Scaled = { values: new Float64Array(size), logScale: 0 };
  row.values[middle] = 1;
  // Binary powers: only one row of the result is needed, so the squares meet a vector and not a matrix.
  for (let power = rows; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) {
      row.values = multiply(row.values, matrix.values, size);
      row.logScale += matrix.logScale;
      rescale(row, Math.max(...row.values));
    }
    if (power > 1) {
      matrix = { values: multiply(matrix.values, matrix.values, size), logScale: 2 * matrix.logScale };
      rescale(matrix, matrix.values[middle * size + middle] as number);
    }
  }
  const logFactorialShare = 0.5 * Math.log(2 * Math.PI * rows) - rows + computeStirlingCorrection(rows);
  const probability = (row.values[middle] as number) * Math.exp(row.logScale + logFactorialShare);
  return Math.min(probability, 1);
}

/** 1/(i − j + 1)! below and just above the diagonal, less what lies outside in the first column and the last row. */
function makeMatrix(size: number, excess: number): Float64Array {
  const inverseFactorials = new Float64Array(size + 1).fill(1);
  for (let index = 1; index <= size; index++) {
    inverseFactorials[index] = (inverseFactorials[index - 1] as number) / index;
  }
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size && j <= i + 1; j++) {
      let weight = 1;
      if (j === 0) {
        weight -= excess ** (i + 1);
      }
      if (i === size - 1) {
        weight -= excess ** (size - j);
      }
      if (j === 0 && i === size - 1) {
        weight += Math.max(2 * excess - 1, 0) ** size;
      }
      values[i * size + j] = weight * (inverseFactorials[i - j + 1] as number);
    }
  }
  return values;
}

/** Rows of `left` times a square matrix. */
function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array {
  const product = new Float64Array(left.length);
  for (let start = 0; start < left.length; start += size) {
    for (let inner = 0; inner < size; inner++) {
      const factor = left[start + inner] as number;
      for (let column = 0; column < size; column++) {
        product[start + column] =
          (product[start + column] as number) + factor * (right[inner * size + column] as number);
      }
    }
  }
  return product;
}

function rescale(scaled: Scaled, scale: number): void {
  for (let index = 0; index < scaled.values.length; index++) {
    scaled.values[index] = (scaled.values[index] as number) / scale;
  }
  scaled.logScale += Math.log(scale);
}
