/** Below this the engine's own sort is as fast: clearing and adding up 4 × 65,536 counters is most of the work. */
const FEWEST_ROWS_FOR_RADIX = 50_000;

const WORD_VALUES = 2 ** 16;
const WORDS = 4;

/** The four 16-bit words of a float64, the least significant first, as this machine places them in memory. */
const WORDS_RISING = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1, 2, 3] : [3, 2, 1, 0];

const SIGN = 0x8000;

/**
 * Sorts a sample ascending, into a new array; −0 comes before 0.
 *
 * Long samples are sorted by radix, one 16-bit word of the float64 after another, in a third of the time of
 * `Float64Array.prototype.sort`, which otherwise is three quarters of what the drift statistics of a long log cost.
 *
 * @param values without NaN, whose place would be anywhere (the statistics then refuse the sample)
 *
 * Cost: O(n); 8 bytes a row and 1 MB beside the result.
 */
export function sortSample(values: Float64Array): Float64Array {
  return values.length < FEWEST_ROWS_FOR_RADIX
    ? values.slice().sort()
    : putNegativesFirst(sortByBits(values));
}

/** Ascending as unsigned 64-bit integers: positive values rising, then negative values falling. */
function sortByBits(values: Float64Array): Float64Array {
  const rows = values.length;
  const counts = countWords(values);
  let from = values.slice();
  let to = new Float64Array(rows);
  for (const word of WORDS_RISING) {
    const words = new Uint16Array(from.buffer);
    const next = counts.subarray(word * WORD_VALUES, (word + 1) * WORD_VALUES);
    if (next[words[word] as number] === rows) {
      continue; // the same in all rows, as in whole numbers the low words are
    }
    turnIntoStarts(next);
    for (let row = 0; row < rows; row++) {
      const value = words[row * WORDS + word] as number;
      const place = next[value] as number;
      to[place] = from[row] as number;
      next[value] = place + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** How often each word has each value. */
function countWords(values: Float64Array): Uint32Array {
  const words = new Uint16Array(values.buffer, values.byteOffset, values.length * WORDS);
  const counts = new Uint32Array(WORDS * WORD_VALUES);
  for (let index = 0; index < words.length; index++) {
    const counter = (index % WORDS) * WORD_VALUES + (words[index] as number);
    counts[counter] = (counts[counter] as number) + 1;
  }
  return counts;
}

/** Counts become the place of the first row with each value. */
function turnIntoStarts(counts: Uint32Array): void {
  let start = 0;
  for (let value = 0; value < counts.length; value++) {
    const count = counts[value] as number;
    counts[value] = start;
    start += count;
  }
}

function putNegativesFirst(byBits: Float64Array): Float64Array {
  const words = new Uint16Array(byBits.buffer);
  const signWord = WORDS_RISING[WORDS - 1] as number;
  let positives = 0;
  let end = byBits.length;
  while (positives < end) {
    const middle = (positives + end) >> 1;
    if (((words[middle * WORDS + signWord] as number) & SIGN) === 0) {
      positives = middle + 1;
    } else {
      end = middle;
    }
  }
  if (positives === byBits.length) {
    return byBits;
  }
  const sorted = new Float64Array(byBits.length);
  sorted.set(byBits.subarray(positives).reverse());
  sorted.set(byBits.subarray(0, positives), byBits.length - positives);
  return sorted;
}
