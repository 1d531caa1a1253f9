import { type DecisionRecord } from '../../logging/prediction-record';
import { type InputDefinition } from '../../scoring/manifest/manifest';
import { type Bundle } from '../../scoring/bundle/bundle';
import { type ReferenceSample } from '../drift/drift-window';

/** What of a bundle the counting needs. */
export type CountedBundle = Pick<Bundle, 'inputs' | 'protectedInputs' | 'reference'>;

/** Where one subject's counters stand among all counters of a population. */
export interface SubjectLayout {
  readonly name: string;
  readonly source: 'inputs' | 'protected' | 'probability';
  /** First of `bins` counters; behind them one each for missing, unseen and out of range. */
  readonly offset: number;
  readonly bins: number;
  /** Inner edges of a number's bins; undefined for a category. */
  readonly edges: readonly number[] | undefined;
  /** Index of a category's bin; undefined for a number. */
  readonly categories: ReadonlyMap<string, number> | undefined;
  readonly lowest: number;
  readonly highest: number;
}

/** How decisions of one model are counted over the bins of its reference. */
export interface PopulationLayout {
  readonly subjects: readonly SubjectLayout[];
  /** First of the counters of the probability histogram. */
  readonly histogramOffset: number;
  /** Number of counters. */
  readonly length: number;
}

/** Inner edges of the histogram of probabilities: 20 bins of 0.05, fine enough to see where bands cut. */
export const HISTOGRAM_EDGES: readonly number[] = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

/** Counters behind the bins of a subject. */
export const BEHIND_BINS = { missing: 0, unseen: 1, outOfRange: 2 } as const;

const COUNTERS_BEHIND_BINS = Object.keys(BEHIND_BINS).length;

/** Lays out the counters of a bundle: every input, every protected input, the probability, the histogram. */
export function layOutPopulation(bundle: CountedBundle, sample: ReferenceSample): PopulationLayout {
  let offset = 0;
  const place = (
    name: string,
    source: SubjectLayout['source'],
    input: InputDefinition | undefined,
    sorted: Float64Array | undefined,
  ): SubjectLayout => {
    const distribution =
      source === 'probability' ? bundle.reference.probability : bundle.reference.inputs.get(name);
    if (distribution === undefined) throw new RangeError(`The reference has no distribution of ${name}`);
    const subject: SubjectLayout = {
      name,
      source,
      offset,
      bins: distribution.counts.length,
      edges: 'edges' in distribution ? distribution.edges : undefined,
      categories:
        input?.type === 'category'
          ? new Map(input.categories.map((category, index) => [category, index]))
          : undefined,
      lowest: sorted?.[0] ?? Number.NEGATIVE_INFINITY,
      highest: sorted?.at(-1) ?? Number.POSITIVE_INFINITY,
    };
    offset += subject.bins + COUNTERS_BEHIND_BINS;
    return subject;
  };
  const subjects = [
    ...bundle.inputs.map((input) => place(input.name, 'inputs', input, sample.numbers.get(input.name))),
    ...bundle.protectedInputs.map((input) =>
      place(input.name, 'protected', input, sample.numbers.get(input.name)),
    ),
    place('probability', 'probability', undefined, sample.probability),
  ];
  return { subjects, histogramOffset: offset, length: offset + HISTOGRAM_EDGES.length + 1 };
}

/** Adds one decision of the layout's model to a population's counters. Cost: O(inputs), about a microsecond. */
export function countDecision(layout: PopulationLayout, record: DecisionRecord, counts: Uint32Array): void {
  for (const subject of layout.subjects) {
    const value =
      subject.source === 'inputs'
        ? record.inputs[subject.name]
        : subject.source === 'protected'
          ? record.protected?.[subject.name]
          : record.probability;
    // Protected attributes are optional: who does not send one does not say that it is missing.
    if (value === undefined) continue;
    const bin = findBin(subject, value);
    const index = subject.offset + bin;
    counts[index] = (counts[index] ?? 0) + 1;
    if (typeof value === 'number' && (value < subject.lowest || value > subject.highest)) {
      const beyond = subject.offset + subject.bins + BEHIND_BINS.outOfRange;
      counts[beyond] = (counts[beyond] ?? 0) + 1;
    }
  }
  const bar = layout.histogramOffset + findRange(HISTOGRAM_EDGES, record.probability);
  counts[bar] = (counts[bar] ?? 0) + 1;
}

/** Index of the first edge that is not below the value: bin i holds edges[i−1] < x ≤ edges[i]. */
export function findRange(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function findBin({ bins, edges, categories }: SubjectLayout, value: number | string | null): number {
  if (value === null) return bins + BEHIND_BINS.missing;
  if (typeof value === 'number') return edges ? findRange(edges, value) : bins + BEHIND_BINS.unseen;
  return categories?.get(value) ?? bins + BEHIND_BINS.unseen;
}
