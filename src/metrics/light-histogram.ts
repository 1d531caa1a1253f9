/** Labels of a series. Their values are ours (routes, methods), never a caller's. */
type Labels = Readonly<Record<string, string>>;

/** Observations with the same labels. */
export class HistogramSeries {
  /** How many fell into each bucket, and last those above all bounds. */
  private readonly counts: Float64Array;
  private sum = 0;

  /** @param bounds rising upper bounds of the buckets, each inclusive */
  constructor(
    private readonly labels: Labels,
    private readonly bounds: Float64Array,
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** @param value finite. Cost: ten nanoseconds */
  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }

  /** Lines of the text format: each bucket with all that is below it, then sum and count. */
  format(name: string): string[] {
    const labels = Object.entries(this.labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    let count = 0;
    const buckets = Array.from(this.counts, (inBucket, bucket) => {
      count += inBucket;
      const all = [`le="${this.bounds[bucket] ?? '+Inf'}"`, ...labels].join(',');
      return `${name}_bucket{${all}} ${count}`;
    });
    const braces = labels.length === 0 ? '' : `{${labels.join(',')}}`;
    return [...buckets, `${name}_sum${braces} ${this.sum}`, `${name}_count${braces} ${count}`];
  }
}

/**
 * A histogram for what happens with every request. prom-client's takes 400 ns an observation, and with three of
 * them a request that takes 50 µs in all would be 2 % slower.
 */
export class LightHistogram {
  private readonly series: HistogramSeries[] = [];
  private readonly bounds: Float64Array;

  /** @param bounds rising upper bounds of the buckets, each inclusive */
  constructor(
    private readonly name: string,
    private readonly help: string,
    bounds: readonly number[],
  ) {
    this.bounds = Float64Array.from(bounds);
  }

  /** A new series, to be kept and observed with; asked for once for each set of labels. */
  addSeries(labels: Labels = {}): HistogramSeries {
    const series = new HistogramSeries(labels, this.bounds);
    this.series.push(series);
    return series;
  }

  /** All series in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
  format(): string {
    const { name, help } = this;
    const lines = this.series.flatMap((series) => series.format(name));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
  }
}
