import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tree } from '../../../src/scoring/forest/forest';
import { type BenchForest } from './bench-forest';

interface Description {
  readonly library: string;
  readonly featureCount: number;
  readonly nodeCounts: readonly number[];
  readonly rowCount: number;
}

/** Reads a folder written by `peers/make_forests.py`, which describes the files. */
export function readBenchForest(folder: string): BenchForest {
  const description = JSON.parse(readFileSync(join(folder, 'forest.json'), 'utf8')) as Description;
  const read = (name: string): ArrayBuffer => Uint8Array.from(readFileSync(join(folder, name))).buffer;
  const all: Tree = {
    feature: new Int32Array(read('feature.i32')),
    threshold: new Float64Array(read('threshold.f64')),
    left: new Int32Array(read('left.i32')),
    right: new Int32Array(read('right.i32')),
    missingGoToLeft: new Uint8Array(read('missing.u8')),
    value: new Float64Array(read('value.f64')),
  };
  let start = 0;
  const trees = description.nodeCounts.map((count): Tree => {
    const [from, to] = [start, start + count];
    start = to;
    return {
      feature: all.feature.slice(from, to),
      threshold: all.threshold.slice(from, to),
      left: all.left.slice(from, to),
      right: all.right.slice(from, to),
      missingGoToLeft: all.missingGoToLeft.slice(from, to),
      value: all.value.slice(from, to),
    };
  });
  return {
    forest: { featureCount: description.featureCount, trees },
    oracle: description.library,
    rowCount: description.rowCount,
    rows: new Float32Array(read('rows.f32')),
    expected: new Float64Array(read('probabilities.f64')),
    folder,
  };
}
