import { type Forest } from '../../../src/scoring/forest/forest';

/** A forest to measure, with rows it has not seen and the probabilities expected for them. */
export interface BenchForest {
  readonly forest: Forest;
  /** Where the probabilities come from. */
  readonly oracle: string;
  readonly rowCount: number;
  /** Shape [rowCount, featureCount], row-major; NaN means missing. */
  readonly rows: Float32Array;
  /** Shape [rowCount]. */
  readonly expected: Float64Array;
  /** Where the peers' files are; undefined when there are none. */
  readonly folder: string | undefined;
}
