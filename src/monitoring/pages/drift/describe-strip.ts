import { type Bundle } from '../../../scoring/bundle/bundle';
import { type DriftReport, type DriftRun, type DriftVerdict } from '../../drift/drift-report';
import { labelInput } from '../label-input';
import { type Reader } from '../reader';
import { type Level, type TimeView } from '../view-parts';
import { addressDriftInput } from './address-drift-input';

/** A cell is too narrow for a word: each verdict has its own sign beside its colour. */
const SIGNS: Readonly<Record<DriftVerdict, { readonly sign: string; readonly level: Level }>> = {
  stable: { sign: '·', level: 'good' },
  drifted: { sign: '▲', level: 'attention' },
  insufficient_data: { sign: '?', level: 'unknown' },
};

/** Verdicts of the last runs: a row for each input, a column for each run. */
export interface StripView {
  readonly legend: readonly { readonly sign: string; readonly level: Level; readonly text: string }[];
  /** Newest first: what is looked for stands where a narrow screen begins. */
  readonly runs: readonly {
    /** Null in a document of its own. */
    readonly href: string | null;
    readonly time: TimeView;
    /** Day of the month, then month or hour: as narrow as a cell. */
    readonly short: string;
    readonly detail: string;
    readonly current: boolean;
  }[];
  readonly rows: readonly {
    readonly label: string;
    readonly href: string | null;
    readonly cells: readonly {
      readonly sign: string;
      readonly level: Level | 'absent';
      readonly words: string;
    }[];
  }[];
}

/** @param trend runs on the same model, oldest first */
export function describeStrip(
  report: DriftReport,
  trend: readonly DriftRun[],
  bundle: Bundle,
  reader: Reader,
): StripView {
  const { formats } = reader;
  const words = reader.texts.drift;
  const newestFirst = trend.toReversed();
  return {
    legend: (Object.keys(SIGNS) as DriftVerdict[]).map((verdict) => ({
      ...SIGNS[verdict],
      text: words.verdicts[verdict],
    })),
    runs: newestFirst.map((run) => {
      const end = new Date(run.window.to);
      const part = (options: Intl.DateTimeFormatOptions): string =>
        end.toLocaleString(formats.locale, { ...options, timeZone: 'UTC' });
      // Runs of less than a day share their day: the hour tells them apart.
      const detail = run.window.hours < 24 ? part({ hour: 'numeric' }) : part({ month: 'short' });
      return {
        href: `/monitoring/drift?report=${encodeURIComponent(run.id)}`,
        time: formats.time(run.window.to),
        short: part({ day: 'numeric' }),
        detail,
        current: run.id === report.id,
      };
    }),
    rows: report.inputs.map(({ name }) => ({
      label: labelInput(name, bundle, reader),
      href: addressDriftInput(name, report.id),
      cells: newestFirst.map(({ psi, verdicts }) => {
        const verdict = verdicts[name];
        if (verdict === undefined) return { sign: '', level: 'absent', words: words.strip.absent } as const;
        const value = formats.decimal(psi[name] ?? null, 2);
        return { ...SIGNS[verdict], words: words.strip.cell(value, words.verdicts[verdict]) };
      }),
    })),
  };
}
