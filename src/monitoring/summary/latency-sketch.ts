import { DDSketch } from '@datadog/sketches-js';
import { type LatencyPercentiles } from '../traffic';

/** A sketch as JSON: how many values were zero, and pairs of bin key and count. */
export interface StoredSketch {
  readonly zeros: number;
  readonly bins: readonly (readonly [key: number, count: number])[];
}

/** Percentiles are within this share of a true value, in a few hundred bins for microseconds to hours. */
const RELATIVE_ACCURACY = 0.01;

/**
 * Records keep times to the tenth of a microsecond; what is shorter counts as zero. One bin for each power of some number
 * has to be there from the shortest time to the longest: the smallest float64 would make 35,000 of them.
 */
const SHORTEST_MS = 0.0001;

/** Latencies in milliseconds, mergeable without loss (Masson, Rim, Lee 2019, DDSketch). */
export class LatencySketch {
  private readonly sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

  /** @param milliseconds 0 or more */
  add(milliseconds: number): void {
    this.sketch.accept(milliseconds < SHORTEST_MS ? 0 : milliseconds);
  }

  /** Adds all values of another sketch. */
  merge(other: LatencySketch): void {
    this.sketch.merge(other.sketch);
  }

  /** Null without a value. */
  percentiles(): LatencyPercentiles | null {
    if (this.sketch.count === 0) return null;
    return {
      p50: this.sketch.getValueAtQuantile(0.5),
      p95: this.sketch.getValueAtQuantile(0.95),
      p99: this.sketch.getValueAtQuantile(0.99),
    };
  }

  store(): StoredSketch {
    const { zeroCount, store } = this.sketch;
    const bins = store.bins.flatMap((count, index): (readonly [number, number])[] =>
      count > 0 ? [[index + store.offset, count]] : [],
    );
    return { zeros: zeroCount, bins };
  }

  static restore({ zeros, bins }: StoredSketch): LatencySketch {
    const restored = new LatencySketch();
    const { sketch } = restored;
    if (zeros > 0) sketch.accept(0, zeros);
    // The middle of a bin falls into that bin again.
    for (const [key, count] of bins) sketch.accept(sketch.mapping.value(key), count);
    return restored;
  }
}
