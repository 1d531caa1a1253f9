import { type Bundle } from '../../../scoring/bundle/bundle';
import { type DriftReport, type DriftRun, type InputDrift } from '../../drift/drift-report';
import { labelInput } from '../label-input';
import { type Reader } from '../reader';
import { type BadgeView } from '../view-parts';
import { addressDriftInput } from './address-drift-input';
import { drawTrend, type TrendView } from './draw-trend';
import { judgeDrift } from './judge-drift';

/** One row of the table of inputs. */
export interface SubjectView {
  readonly href: string;
  /** Unique in the report, safe as the end of an element's id. */
  readonly anchor: string;
  readonly label: string;
  /** The field's name; null when the label is the name. */
  readonly name: string | null;
  readonly role: string;
  readonly badge: BadgeView;
  readonly psi: string;
  /** Threshold, and what chance alone explains. */
  readonly limits: string;
  readonly trend: TrendView | null;
  /** The trend for who does not see it. */
  readonly trendWords: string;
  readonly ks: string;
  readonly pValue: string;
  readonly adjusted: string;
  readonly missing: string;
  readonly unseen: string;
  readonly outOfRange: string;
  readonly rows: string;
  readonly importance: string;
}

/**
 * The inputs of a report, in its order.
 *
 * @param trend runs on the same model, oldest first
 */
export function describeSubjects(
  report: DriftReport,
  trend: readonly DriftRun[],
  bundle: Bundle,
  reader: Reader,
): readonly SubjectView[] {
  return report.inputs.map((input, index) => describeSubject(input, index, report, trend, bundle, reader));
}

function describeSubject(
  input: InputDrift,
  index: number,
  report: DriftReport,
  trend: readonly DriftRun[],
  bundle: Bundle,
  reader: Reader,
): SubjectView {
  const { formats } = reader;
  const words = reader.texts.drift;
  const label = labelInput(input.name, bundle, reader);
  const history = trend.flatMap(({ psi }) => psi[input.name] ?? []);
  // Without rows the statistics stand at zero and mean nothing.
  const compared = input.productionRows > 0;
  return {
    href: addressDriftInput(input.name, report.id),
    anchor: String(index + 1),
    label,
    name: label === input.name ? null : input.name,
    role: words.roles[input.role],
    badge: { level: judgeDrift(input), text: words.verdicts[input.severity ?? input.verdict] },
    psi: formats.fixed(compared ? input.psi.value : null, 3),
    limits: [input.psi.threshold, compared ? input.psi.critical : null]
      .map((limit) => formats.decimal(limit, 2))
      .join(' · '),
    trend: drawTrend(history, input.psi.threshold),
    trendWords: words.subjects.trendOf(history.map((psi) => formats.decimal(psi, 2)).join(', ')),
    ks: formats.fixed(input.kolmogorovSmirnov?.statistic ?? null, 3),
    pValue: formats.pValue(compared ? input.pValue : null),
    adjusted: formats.pValue(input.adjustedPValue),
    missing: formats.share(compared ? input.missing / input.productionRows : null),
    unseen: input.type === 'category' ? formats.integer(input.unseen) : formats.integer(null),
    outOfRange: input.type === 'number' ? formats.integer(input.outOfRange) : formats.integer(null),
    rows: formats.integer(input.productionRows),
    importance: formats.share(input.role === 'input' ? input.importance : null),
  };
}
