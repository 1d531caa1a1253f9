import { type Bundle } from '../../../scoring/bundle/bundle';
import { type VerdictView } from '../overview/describe-verdict';
import { dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import { type EmptyView, type TableView } from '../view-parts';
import { describeDriftVerdict } from './describe-drift-verdict';
import { describeFacts, type FactView } from './describe-facts';
import { describeRuns } from './describe-runs';
import { describeStrip, type StripView } from './describe-strip';
import { describeSubjects, type SubjectView } from './describe-subjects';
import { type DriftData } from './drift-data';
import { listTrendRuns } from './list-trend-runs';

const HOUR_MS = 3_600_000;

/** What `views/drift.hbs` shows. */
export interface DriftView {
  readonly verdict: VerdictView;
  /** Set until the first report. */
  readonly empty: EmptyView | null;
  /** Null until the first report. */
  readonly report: {
    readonly facts: readonly FactView[];
    /** Address of the report as one file. */
    readonly file: string;
    readonly subjects: readonly SubjectView[];
    readonly subjectsNote: string;
    readonly subjectsCsv: string;
    /** Null without a run of the schedule. */
    readonly strip: StripView | null;
  } | null;
  readonly runs: TableView;
}

/**
 * Words and draws the page of drift.
 *
 * @param address path and query of the page as requested
 */
export function describeDrift(data: DriftData, bundle: Bundle, reader: Reader, address: string): DriftView {
  const { report, job } = data;
  const { formats } = reader;
  const words = reader.texts.drift;
  const trend = report ? listTrendRuns(data.runs, report.model.sha256) : [];
  return {
    verdict: describeDriftVerdict(data, bundle, reader),
    empty: report === null ? describeEmpty(data, reader) : null,
    report: report && {
      facts: describeFacts(report, job.cron, reader),
      file: dataAddress('/monitoring/drift', { format: 'html', report: report.id, lang: reader.language }),
      subjects: describeSubjects(report, trend, bundle, reader),
      subjectsNote: words.subjects.note(
        formats.decimal(report.thresholds.psi.moderate),
        formats.decimal(report.thresholds.psi.major),
        formats.decimal(report.thresholds.falseDiscoveryRate),
      ),
      subjectsCsv: dataAddress(address, { format: 'csv', table: 'inputs' }),
      strip: trend.length > 0 ? describeStrip(report, trend, bundle, reader) : null,
    },
    runs: describeRuns(data.runs, bundle, dataAddress(address, { format: 'csv', table: 'runs' }), reader),
  };
}

function describeEmpty({ job, nowMs }: DriftData, { texts, formats }: Reader): EmptyView {
  const words = texts.drift;
  const end = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const hour = (ms: number): string => `${new Date(ms).toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length)}Z`;
  return {
    text: words.empty(formats.time(job.nextRunAtMs).text, `${formats.integer(job.windowHours)} h`),
    command: words.emptyCommand(hour(end - job.windowHours * HOUR_MS), hour(end)),
  };
}
