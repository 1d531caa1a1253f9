import { FeatureVectorError } from './feature-vector-error';
import {
  KEY_AT_LEAF,
  KEY_GOING_LEFT,
  KEY_GOING_RIGHT,
  type CompiledForest,
  type ForestSegment,
} from './compiled-forest';
import { orderFloat32Bits } from './order-float32-bits';

/** Magnitude bits of an infinite float32; of NaN they are larger. */
const INFINITE = 0x7f800000;

/** Rows that walk side by side. */
const LANES = 8;

/** Keys of one block: 256 KiB, so that they stay in a second-level cache while all trees pass over them. */
const KEYS_IN_BLOCK = 65_536;

/** Beyond this, longer blocks no longer pay. */
const MOST_ROWS_IN_BLOCK = 2_048;

/** Some rows, with their keys laid out for the trees. */
interface Block {
  /** Shape [capacity, mask + 1], row-major; capacity is a multiple of `LANES`. */
  readonly keys: Int32Array;
  /** `featureMask` when no row has a missing value, else `columnMask`. */
  readonly mask: number;
  /** Shape [capacity]. */
  readonly sums: Float64Array;
  readonly rowCount: number;
}

/**
 * Probabilities of default of many rows: each equal bit for bit to `predictProbability` of that row.
 *
 * Takes blocks of rows, and each tree in turn over the whole block, eight rows side by side, so that a tree
 * is fetched once a block. A block without missing values needs half the keys.
 *
 * @param forest from `compileForest`
 * @param rows shape [rowCount, featureCount], row-major, in manifest order and units; NaN means missing. Already
 * float32: rounding a float64 once, as assigning it to a `Float32Array` does, is what the single path does.
 * @param rowCount number of rows
 * @param out shape [rowCount] or longer: where to write; made when left out
 * @returns `out`: P(default), unitless, in [0, 1]
 * @throws {FeatureVectorError} `rows` of another length, or an infinite value in them (scikit-learn refuses it too)
 * @throws {RangeError} `out` shorter than `rowCount`
 *
 * Cost: O(rows × trees × depth) time; at most 528 KiB of scratch up to 2,000 features.
 */
export function predictProbabilities(
  forest: CompiledForest,
  rows: Float32Array,
  rowCount: number,
  out: Float64Array = new Float64Array(rowCount),
): Float64Array {
  if (rows.length !== rowCount * forest.featureCount) {
    throw new FeatureVectorError(
      `Expected ${rowCount} rows of ${forest.featureCount} features, got ${rows.length} values`,
    );
  }
  if (out.length < rowCount) {
    throw new RangeError(`No room for ${rowCount} probabilities in an array of ${out.length}`);
  }
  const bits = new Int32Array(rows.buffer, rows.byteOffset, rows.length);
  const capacity = rowsInBlock(forest, rowCount);
  const keys = new Int32Array(capacity * (forest.columnMask + 1));
  const sums = new Float64Array(capacity);
  for (let first = 0; first < rowCount; first += capacity) {
    const count = Math.min(capacity, rowCount - first);
    const blockBits = bits.subarray(first * forest.featureCount, (first + count) * forest.featureCount);
    const mask = hasMissing(blockBits, forest.featureCount, first) ? forest.columnMask : forest.featureMask;
    const block = { keys, mask, sums, rowCount: count };
    writeKeys(forest, blockBits, block);
    sums.fill(0);
    for (const segment of forest.segments) {
      addLeafValues(forest, segment, block);
    }
    for (let row = 0; row < count; row++) {
      out[first + row] = (sums[row] as number) / forest.treeCount; // one division, as in the single path
    }
  }
  return out;
}

/** A multiple of `LANES`, at least `LANES`. */
function rowsInBlock(forest: CompiledForest, rowCount: number): number {
  const affordable = Math.floor(KEYS_IN_BLOCK / (forest.columnMask + 1));
  const rows = Math.min(rowCount, affordable, MOST_ROWS_IN_BLOCK);
  return LANES * Math.max(1, Math.ceil(rows / LANES));
}

function hasMissing(bits: Int32Array, featureCount: number, firstRow: number): boolean {
  let missing = false;
  for (let index = 0; index < bits.length; index++) {
    const magnitude = (bits[index] as number) & 0x7fffffff;
    if (magnitude === INFINITE) {
      const row = firstRow + Math.floor(index / featureCount);
      throw new FeatureVectorError(`Feature ${index % featureCount} of row ${row} is infinite as float32`);
    }
    missing ||= magnitude > INFINITE;
  }
  return missing;
}

function writeKeys(forest: CompiledForest, bits: Int32Array, { keys, mask, rowCount }: Block): void {
  const { featureCount, featureMask, missingGoesRight } = forest;
  const stride = mask + 1;
  let index = 0;
  for (let row = 0; row < rowCount; row++) {
    const base = row * stride;
    for (let feature = 0; feature < featureCount; feature++) {
      keys[base + feature] = orderFloat32Bits(bits[index + feature] as number);
    }
    if (mask !== featureMask) {
      for (let feature = 0; feature < featureCount; feature++) {
        const missing = ((bits[index + feature] as number) & 0x7fffffff) > INFINITE;
        const key = keys[base + feature] as number;
        keys[base + feature] = missing ? KEY_GOING_LEFT : key;
        keys[base + (missingGoesRight | feature)] = missing ? KEY_GOING_RIGHT : key;
      }
    }
    index += featureCount;
  }
  // Lanes beyond the last row walk over old keys, to no effect; they too must stop at leaves.
  for (let last = mask; last < keys.length; last += stride) {
    keys[last] = KEY_AT_LEAF;
  }
}

/** Adds each tree's leaf value to each row's sum, tree by tree in order; `CompiledForest` explains the step. */
function addLeafValues(
  forest: CompiledForest,
  { nodes, roots, treeCount }: ForestSegment,
  block: Block,
): void {
  const { columnBits, leafValues } = forest;
  const { keys, mask, rowCount, sums } = block;
  const stride = mask + 1;
  for (let tree = 0; tree < treeCount; tree++) {
    const root = roots[tree] as number;
    for (let row = 0; row < rowCount; row += LANES) {
      const base0 = row * stride;
      const base1 = (row + 1) * stride;
      const base2 = (row + 2) * stride;
      const base3 = (row + 3) * stride;
      const base4 = (row + 4) * stride;
      const base5 = (row + 5) * stride;
      const base6 = (row + 6) * stride;
      const base7 = (row + 7) * stride;
      let place0 = root;
      let place1 = root;
      let place2 = root;
      let place3 = root;
      let place4 = root;
      let place5 = root;
      let place6 = root;
      let place7 = root;
      for (;;) {
        const word0 = nodes[place0 + 2] as number;
        const word1 = nodes[place1 + 2] as number;
        const word2 = nodes[place2 + 2] as number;
        const word3 = nodes[place3 + 2] as number;
        const word4 = nodes[place4 + 2] as number;
        const word5 = nodes[place5 + 2] as number;
        const word6 = nodes[place6 + 2] as number;
        const word7 = nodes[place7 + 2] as number;
        const shared = word0 & word1 & word2 & word3 & word4 & word5 & word6 & word7;
        if ((shared & mask) === mask) {
          break; // all lanes stand on leaves
        }
        place0 =
          (word0 >>> columnBits) + +((keys[base0 + (word0 & mask)] as number) > (nodes[place0] as number));
        place1 =
          (word1 >>> columnBits) + +((keys[base1 + (word1 & mask)] as number) > (nodes[place1] as number));
        place2 =
          (word2 >>> columnBits) + +((keys[base2 + (word2 & mask)] as number) > (nodes[place2] as number));
        place3 =
          (word3 >>> columnBits) + +((keys[base3 + (word3 & mask)] as number) > (nodes[place3] as number));
        place4 =
          (word4 >>> columnBits) + +((keys[base4 + (word4 & mask)] as number) > (nodes[place4] as number));
        place5 =
          (word5 >>> columnBits) + +((keys[base5 + (word5 & mask)] as number) > (nodes[place5] as number));
        place6 =
          (word6 >>> columnBits) + +((keys[base6 + (word6 & mask)] as number) > (nodes[place6] as number));
        place7 =
          (word7 >>> columnBits) + +((keys[base7 + (word7 & mask)] as number) > (nodes[place7] as number));
      }
      sums[row] = (sums[row] as number) + (leafValues[nodes[place0] as number] as number);
      sums[row + 1] = (sums[row + 1] as number) + (leafValues[nodes[place1] as number] as number);
      sums[row + 2] = (sums[row + 2] as number) + (leafValues[nodes[place2] as number] as number);
      sums[row + 3] = (sums[row + 3] as number) + (leafValues[nodes[place3] as number] as number);
      sums[row + 4] = (sums[row + 4] as number) + (leafValues[nodes[place4] as number] as number);
      sums[row + 5] = (sums[row + 5] as number) + (leafValues[nodes[place5] as number] as number);
      sums[row + 6] = (sums[row + 6] as number) + (leafValues[nodes[place6] as number] as number);
      sums[row + 7] = (sums[row + 7] as number) + (leafValues[nodes[place7] as number] as number);
    }
  }
}
