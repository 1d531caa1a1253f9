import { type Bundle } from '../../../scoring/bundle/bundle';
import { type InputDefinition } from '../../../scoring/manifest/manifest';
import { type DriftReport, type InputDrift } from '../../drift/drift-report';
import { labelInput } from '../label-input';
import { type VerdictView } from '../overview/describe-verdict';
import { dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import { type ChartView, type TableView, textCell, type TileView } from '../view-parts';
import { describeDistribution } from './describe-distribution';
import { describeFacts, type FactView } from './describe-facts';
import { describeHistory } from './describe-history';
import { describeInputVerdict } from './describe-input-verdict';
import { describeStatistics } from './describe-statistics';
import { type DriftInputData } from './drift-data';
import { judgeDrift } from './judge-drift';

/** What `views/drift-input.hbs` shows. */
export interface DriftInputView {
  /** Address of the page of all inputs of the same report. */
  readonly back: string;
  readonly definition: readonly FactView[];
  /** Null before the first report. */
  readonly found: {
    readonly verdict: VerdictView;
    readonly tiles: readonly TileView[];
    readonly distribution: ChartView;
    readonly statistics: TableView;
    readonly history: readonly ChartView[];
    readonly report: readonly FactView[];
  } | null;
}

/**
 * Words and draws the page of one input.
 *
 * @param address path and query of the page as requested
 */
export function describeDriftInput(
  data: DriftInputData,
  bundle: Bundle,
  reader: Reader,
  address: string,
): DriftInputView {
  const { report, subject, definition, latestId } = data;
  const label = labelInput(data.name, bundle, reader);
  const csv = (table: 'bins' | 'history'): string => dataAddress(address, { format: 'csv', table });
  return {
    back:
      report === null || report.id === latestId
        ? '/monitoring/drift'
        : `/monitoring/drift?report=${encodeURIComponent(report.id)}`,
    definition: describeDefinition(data, label, reader),
    found: report &&
      subject && {
        verdict: describeInputVerdict(subject, report, latestId, label, reader),
        tiles: describeTiles(subject, report, reader),
        distribution: describeDistribution(subject, definition, csv('bins'), reader),
        statistics: describeStatistics(subject, report, reader),
        history:
          data.history.length > 1
            ? describeHistory(data.name, data.history, report, csv('history'), reader)
            : [],
        report: describeFacts(report, null, reader),
      },
  };
}

function describeDefinition(data: DriftInputData, label: string, reader: Reader): readonly FactView[] {
  const words = reader.texts.drift.input;
  const { definition } = data;
  const facts: [term: string, text: string][] = [];
  if (label !== data.name) facts.push([reader.texts.drift.subjects.name, data.name]);
  if (data.protected) facts.push([words.role, words.neverScored]);
  if (definition === null) {
    if (data.subject?.role === 'probability' || data.name === 'probability') {
      facts.push([words.description, words.probabilityDescription]);
    }
  } else {
    facts.push([words.description, definition.description]);
    if (definition.unit !== undefined) facts.push([words.unit, definition.unit]);
    const given = definition.nullable ? words.missingAllowed : words.missingRefused;
    facts.push([words.range, words.rangeAnd(describeRange(definition, reader), given)]);
  }
  return facts.map(([term, text]) => ({ term, cell: textCell(text), until: null, after: null }));
}

function describeRange(definition: InputDefinition, { formats }: Reader): string {
  return definition.type === 'category'
    ? definition.categories.join(', ')
    : `${formats.decimal(definition.minimum, 4)} – ${formats.decimal(definition.maximum, 4)}`;
}

function describeTiles(
  subject: InputDrift,
  { thresholds }: Pick<DriftReport, 'thresholds'>,
  { texts, formats }: Reader,
): readonly TileView[] {
  const words = texts.drift.input;
  const rows = subject.productionRows;
  const missingBin = subject.bins.find((bin) => bin.kind === 'missing');
  const share = (count: number): string => formats.share(rows > 0 ? count / rows : null);
  const tile = (label: string, value: string, note: string, more: Partial<TileView> = {}): TileView => ({
    label,
    value,
    unit: null,
    change: null,
    note,
    level: null,
    sparkline: null,
    ...more,
  });
  return [
    tile(
      words.psi,
      formats.fixed(rows > 0 ? subject.psi.value : null, 3),
      words.psiNote(
        formats.decimal(thresholds.psi.moderate),
        formats.decimal(thresholds.psi.major),
        formats.decimal(subject.psi.critical, 2),
      ),
      { level: judgeDrift(subject) },
    ),
    tile(
      words.adjusted,
      formats.pValue(subject.adjustedPValue),
      words.adjustedNote(formats.decimal(subject.significance)),
    ),
    tile(words.rows, formats.integer(rows), words.rowsNote(formats.integer(subject.referenceRows))),
    tile(
      words.missing,
      share(subject.missing),
      words.missingNote(
        formats.integer(subject.missing),
        formats.share((missingBin?.reference ?? 0) / subject.referenceRows),
      ),
    ),
    subject.type === 'number'
      ? tile(words.beyond, formats.integer(subject.outOfRange), words.beyondNote)
      : tile(words.unseen, formats.integer(subject.unseen), words.unseenNote),
    ...(subject.role === 'probability'
      ? []
      : [
          subject.role === 'input'
            ? tile(words.importance, formats.share(subject.importance), words.importanceNote)
            : tile(words.importance, formats.share(null), words.importanceNone),
        ]),
  ];
}
