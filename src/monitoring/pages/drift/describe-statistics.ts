import { type DriftReport, type InputDrift } from '../../drift/drift-report';
import { type Reader } from '../reader';
import { type TableView, textCell } from '../view-parts';
import { computeKolmogorovLimit } from './compute-kolmogorov-limit';

/** One statistic; what it does not have is undefined. */
interface Row {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
  readonly threshold?: string;
  readonly pValue?: string;
  readonly method?: string;
  readonly n?: number;
  readonly m?: number;
}

/** Every statistic of an input with threshold, p, method, rows, and a sentence on what it means. */
export function describeStatistics(
  subject: InputDrift,
  { thresholds }: Pick<DriftReport, 'thresholds'>,
  { texts, formats }: Reader,
): TableView {
  const words = texts.drift.statistics;
  const rows = subject.productionRows > 0 ? listRows() : [];
  const nothing = formats.integer(null);
  const numeric = (label: string): { label: string; numeric: boolean } => ({ label, numeric: true });
  const text = (label: string): { label: string; numeric: boolean } => ({ label, numeric: false });
  return {
    caption: words.caption,
    columns: [
      text(words.name),
      numeric(words.value),
      numeric(words.threshold),
      numeric(words.pValue),
      text(words.method),
      numeric(words.n),
      numeric(words.m),
      text(words.meaning),
    ],
    rows: rows.map((row) => [
      textCell(row.name),
      textCell(row.value),
      textCell(row.threshold ?? nothing),
      textCell(row.pValue ?? nothing),
      textCell(row.method ?? ''),
      textCell(formats.integer(row.n ?? null)),
      textCell(formats.integer(row.m ?? null)),
      textCell(row.meaning),
    ]),
    csv: null,
    empty: words.empty,
  };

  function listRows(): readonly Row[] {
    const { psi, kolmogorovSmirnov: ks, chiSquare, wasserstein, jensenShannon } = subject;
    const counted = { n: subject.productionRows, m: subject.referenceRows };
    const compared = ks && { n: ks.productionRows, m: ks.referenceRows };
    const rate = formats.decimal(subject.significance);
    const all: readonly (Row | null)[] = [
      {
        name: words.psi,
        value: formats.decimal(psi.value),
        threshold: words.psiThreshold(
          formats.decimal(thresholds.psi.moderate),
          formats.decimal(thresholds.psi.major),
        ),
        method: words.psiMethod(formats.integer(subject.bins.length)),
        meaning: words.psiMeaning(formats.decimal(psi.critical, 2)),
        ...counted,
      },
      ks && {
        name: words.ks,
        value: formats.decimal(ks.statistic),
        threshold: words.ksThreshold(
          formats.decimal(computeKolmogorovLimit(ks.productionRows, ks.referenceRows), 2),
        ),
        pValue: formats.pValue(ks.pValue),
        method: words.ksMethods[ks.method],
        meaning: words.ksMeaning,
        ...compared,
      },
      {
        name: words.chiSquare,
        value: formats.decimal(chiSquare.statistic),
        pValue: formats.pValue(chiSquare.pValue),
        method: words.chiSquareMethod(
          formats.integer(chiSquare.degreesOfFreedom),
          formats.integer(chiSquare.bins),
        ),
        meaning: words.chiSquareMeaning,
        ...counted,
      },
      {
        name: words.corrected,
        value: formats.pValue(subject.adjustedPValue),
        threshold: rate,
        pValue: formats.pValue(subject.pValue),
        method: words.correctedMethod,
        meaning: words.correctedMeaning(formats.share(subject.significance)),
        ...counted,
      },
      wasserstein === null
        ? null
        : {
            name: words.wasserstein,
            value: `${formats.decimal(wasserstein)} σ`,
            meaning: words.wassersteinMeaning,
            ...compared,
          },
      {
        name: words.jensenShannon,
        value: formats.decimal(jensenShannon),
        meaning: words.jensenShannonMeaning,
        ...counted,
      },
    ];
    return all.filter((row) => row !== null);
  }
}
