import { type DriftReport } from '../../drift/drift-report';
import { type Reader } from '../reader';
import { type CellView, textCell, timeCell, type TimeView } from '../view-parts';

/** A term and what is said about it. */
export interface FactView {
  readonly term: string;
  readonly cell: CellView;
  /** A second moment, when the fact is a span. */
  readonly until: TimeView | null;
  /** What is said behind a moment. */
  readonly after: string | null;
}

/** What a report is about, and how it was made. */
export function describeFacts(
  report: Omit<DriftReport, 'inputs'>,
  cron: string | null,
  { texts, formats }: Reader,
): readonly FactView[] {
  const words = texts.drift.facts;
  const { window, model, reservoir } = report;
  const rows = formats.integer(report.rows);
  const made = formats.time(report.createdAt);
  const how = words.madeHow(texts.drift.triggers[report.trigger], formats.milliseconds(report.durationMs));
  return [
    {
      term: words.window,
      cell: timeCell(formats.time(window.from)),
      until: formats.time(window.to),
      after: null,
    },
    fact(words.rows, words.rowsOf(rows, formats.integer(report.referenceRows))),
    fact(words.model, `${model.name} ${model.version} (${model.sha256.slice(0, 8)})`),
    { term: words.made, cell: timeCell(made), until: null, after: how },
    ...(reservoir
      ? [fact(words.sample, words.sampleOf(formats.integer(reservoir.rows), rows, String(reservoir.seed)))]
      : []),
    ...(cron === null ? [] : [fact(words.schedule, cron)]),
  ];
}

function fact(term: string, text: string): FactView {
  return { term, cell: textCell(text), until: null, after: null };
}
