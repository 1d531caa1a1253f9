import { type BinCounts, type DriftWindow } from '../drift/drift-window';
import { type Span } from '../span';
import { BEHIND_BINS, type SubjectLayout } from '../summary/population-layout';
import { type CountedModel, type Summary } from '../summary/summary';
import { RESERVOIR_SEED, type ValueSample } from '../summary/value-sample';

/** Makes a drift window from what its decisions add up to and their raw values. */
export function assembleDriftWindow(
  span: Span,
  model: CountedModel,
  summary: Summary,
  sample: ValueSample,
  damagedLines: number,
): DriftWindow {
  const counts = summary.population ?? new Uint32Array(model.layout.length);
  const inputs = new Map<string, BinCounts>();
  let probability: BinCounts = { bins: [], missing: 0, unseen: 0, outOfRange: 0 };
  for (const subject of model.layout.subjects) {
    if (subject.source === 'probability') probability = readBins(counts, subject);
    else inputs.set(subject.name, readBins(counts, subject));
  }
  const { probability: probabilities = new Float64Array(), ...rest } = Object.fromEntries(sample.values());
  return {
    span,
    rows: countRows(counts, model.layout.histogramOffset),
    damagedLines,
    inputs,
    probability,
    sample: {
      numbers: new Map(Object.entries(rest)),
      probability: probabilities,
      rows: sample.rows,
      seed: RESERVOIR_SEED,
    },
  };
}

/** Every row stands in the histogram of probabilities once. */
function countRows(counts: Uint32Array, histogramOffset: number): number {
  return counts.subarray(histogramOffset).reduce((sum, rows) => sum + rows, 0);
}

function readBins(counts: Uint32Array, { offset, bins }: SubjectLayout): BinCounts {
  const behind = offset + bins;
  return {
    bins: Array.from(counts.subarray(offset, behind)),
    missing: counts[behind + BEHIND_BINS.missing] ?? 0,
    unseen: counts[behind + BEHIND_BINS.unseen] ?? 0,
    outOfRange: counts[behind + BEHIND_BINS.outOfRange] ?? 0,
  };
}
