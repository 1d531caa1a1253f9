import { type Bundle } from '../../../scoring/bundle/bundle';
import { type DriftReport } from '../../drift/drift-report';
import { type VerdictView } from '../overview/describe-verdict';
import { type Reader } from '../reader';
import { type BadgeView, type TableView, textCell } from '../view-parts';
import { type BarsView, describeBars } from './describe-bars';
import { describeDriftVerdict } from './describe-drift-verdict';
import { describeFacts, type FactView } from './describe-facts';
import { describeRuns } from './describe-runs';
import { describeStatistics } from './describe-statistics';
import { describeStrip, type StripView } from './describe-strip';
import { describeSubjects, type SubjectView } from './describe-subjects';
import { type DriftData } from './drift-data';
import { listTrendRuns } from './list-trend-runs';

/** What `views/drift-export.hbs` shows: a document of its own, whose links stay inside it. */
export interface DriftExportView {
  readonly title: string;
  readonly made: string;
  readonly verdict: VerdictView;
  readonly facts: readonly FactView[];
  readonly subjects: readonly SubjectView[];
  readonly subjectsNote: string;
  readonly subjectsCsv: null;
  readonly strip: StripView | null;
  readonly details: readonly {
    readonly anchor: string;
    readonly label: string;
    readonly name: string | null;
    readonly badge: BadgeView;
    readonly bars: readonly BarsView[];
    readonly statistics: TableView;
  }[];
  readonly runs: TableView;
}

/** Words and draws a report as a document that is kept, sent and opened without the service. */
export function describeDriftExport(
  data: DriftData,
  report: DriftReport,
  bundle: Bundle,
  reader: Reader,
): DriftExportView {
  const { formats } = reader;
  const words = reader.texts.drift;
  const trend = listTrendRuns(data.runs, report.model.sha256);
  const verdict = describeDriftVerdict(data, bundle, reader);
  const subjects = describeSubjects(report, trend, bundle, reader).map((subject) => ({
    ...subject,
    href: `#input-${subject.anchor}`,
  }));
  const strip = trend.length > 0 ? describeStrip(report, trend, bundle, reader) : null;
  const runs = describeRuns(data.runs, bundle, null, reader);
  return {
    title: words.export.title(report.id),
    made: words.export.made(formats.time(data.nowMs).text),
    verdict: { ...verdict, items: verdict.items.map((item) => ({ ...item, link: null })) },
    facts: describeFacts(report, data.job.cron, reader),
    subjects,
    subjectsNote: words.subjects.note(
      formats.decimal(report.thresholds.psi.moderate),
      formats.decimal(report.thresholds.psi.major),
      formats.decimal(report.thresholds.falseDiscoveryRate),
    ),
    subjectsCsv: null,
    strip: strip && {
      ...strip,
      runs: strip.runs.map((run) => ({ ...run, href: null })),
      rows: strip.rows.map((row, index) => ({ ...row, href: subjects[index]?.href ?? null })),
    },
    details: report.inputs.flatMap((input, index) => {
      const subject = subjects[index];
      if (subject === undefined) return [];
      const { anchor, label, name, badge } = subject;
      const definition =
        [...bundle.inputs, ...bundle.protectedInputs].find((one) => one.name === input.name) ?? null;
      return [
        {
          anchor,
          label,
          name,
          badge,
          bars: describeBars(input, definition, reader),
          statistics: describeStatistics(input, report, reader),
        },
      ];
    }),
    runs: {
      ...runs,
      rows: runs.rows.map(([first, ...rest]) => [textCell(first?.text ?? ''), ...rest]),
    },
  };
}
