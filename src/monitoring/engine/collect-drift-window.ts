import { firstIdAt } from '../../logging/issue-record-id';
import { type PredictionLogReader } from '../../logging/prediction-log';
import { type DriftWindow, type ReferenceSample } from '../drift/drift-window';
import { type Span } from '../span';
import { type CountedBundle, layOutPopulation } from '../summary/population-layout';
import { Summary } from '../summary/summary';
import { ValueSample } from '../summary/value-sample';
import { assembleDriftWindow } from './assemble-drift-window';

/** Whose decisions are compared with what. */
export interface ComparedModel {
  readonly identity: { readonly sha256: string };
  readonly bundle: CountedBundle;
}

/** Records read at a time. */
const PAGE_RECORDS = 2000;

/**
 * Makes a drift window by reading the log: for spans of which no summaries are kept, and for the command line.
 *
 * @param signal ends the reading early
 * @throws {DOMException} AbortError when the signal was aborted
 * Cost: O(records of the span), some 15 µs each.
 */
export async function collectDriftWindow(
  reader: PredictionLogReader,
  { identity, bundle }: ComparedModel,
  referenceSample: ReferenceSample,
  span: Span,
  signal?: AbortSignal,
): Promise<DriftWindow> {
  const model = { sha256: identity.sha256, layout: layOutPopulation(bundle, referenceSample) };
  const summary = new Summary(model);
  const sample = new ValueSample(model.layout);
  const before = firstIdAt(span.toMs);
  let after = lastIdBefore(span.fromMs);
  let damagedLines = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await reader.read({ limit: PAGE_RECORDS, before, ...(after !== undefined && { after }) });
    damagedLines += page.damagedLines;
    for (const record of page.records) {
      summary.add(record);
      if ('decision' in record && record.model.sha256 === model.sha256 && record.erased === undefined) {
        sample.add(record);
      }
      after = record.id;
    }
    if (!page.more) return assembleDriftWindow(span, model, summary, sample, damagedLines);
  }
}

/** A bound below every record of a time. No id equals it: an id's counter starts at random. */
function lastIdBefore(epochMilliseconds: number): string | undefined {
  return epochMilliseconds <= 0 ? undefined : firstIdAt(epochMilliseconds);
}
