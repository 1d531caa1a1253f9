import { type Bundle } from '../../../scoring/bundle/bundle';
import { type DriftRun, type DriftVerdict } from '../../drift/drift-report';
import { labelInput } from '../label-input';
import { type Reader } from '../reader';
import { badgeCell, type Level, linkCell, type TableView, textCell } from '../view-parts';

/** Inputs named in a row; more are counted. */
const MOST_NAMED = 3;

const LEVELS: Readonly<Record<DriftVerdict, Level>> = {
  stable: 'good',
  drifted: 'attention',
  insufficient_data: 'unknown',
};

/**
 * The history of runs, each with a link to its report.
 *
 * @param csv address of the same as CSV; null where there is none
 */
export function describeRuns(
  runs: readonly DriftRun[],
  bundle: Bundle,
  csv: string | null,
  reader: Reader,
): TableView {
  const { formats } = reader;
  const words = reader.texts.drift;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  return {
    caption: words.runs.caption,
    columns: [
      text(words.runs.end),
      { label: words.runs.hours, numeric: true },
      { label: words.runs.rows, numeric: true },
      text(words.runs.verdict),
      text(words.runs.drifted),
      text(words.runs.model),
      text(words.runs.trigger),
    ],
    rows: runs.map((run) => {
      const named = run.drifted.slice(0, MOST_NAMED).map((name) => labelInput(name, bundle, reader));
      const more = run.drifted.length - named.length;
      if (more > 0) named.push(words.runs.more(formats.integer(more)));
      return [
        linkCell(formats.time(run.window.to).text, `/monitoring/drift?report=${encodeURIComponent(run.id)}`),
        textCell(`${formats.decimal(run.window.hours)} h`),
        textCell(formats.integer(run.rows)),
        badgeCell({ level: LEVELS[run.verdict], text: words.verdicts[run.verdict] }),
        textCell(named.join(', ')),
        textCell(`${run.model.name} ${run.model.version}`),
        textCell(words.triggers[run.trigger]),
      ];
    }),
    csv,
    empty: words.runs.empty,
  };
}
