import { type Bundle } from '../../../scoring/bundle/bundle';
import { type DriftJobStatus } from '../../drift/drift-job';
import { type DriftReport, type DriftSubjectRole, type InputDrift } from '../../drift/drift-report';
import { labelInput } from '../label-input';
import { type VerdictView } from '../overview/describe-verdict';
import { type Reader } from '../reader';
import { type Level } from '../view-parts';
import { addressDriftInput } from './address-drift-input';
import { type DriftData } from './drift-data';
import { judgeDrift } from './judge-drift';

/** Named one by one; more are counted. */
const MOST_NAMED = 5;

type Item = VerdictView['items'][number];

/** One line of the verdict; what it does not say is null. */
type ItemParts = Pick<Item, 'level' | 'topic' | 'sentence'> & Partial<Pick<Item, 'action' | 'link'>>;

/** Whether something drifted, what, how much, and what to do; and whether the schedule keeps its times. */
export function describeDriftVerdict(data: DriftData, bundle: Bundle, reader: Reader): VerdictView {
  const { report } = data;
  const words = reader.texts.drift.verdict;
  const schedule = describeSchedule(data.job, reader);
  if (report === null) {
    const level = schedule.level === 'good' ? 'unknown' : schedule.level;
    return { level, title: words.none, items: [finish(schedule, reader)] };
  }
  const { level, title } = summarise(report, reader);
  const items = [
    ...describeDrifted(report, bundle, reader),
    ...describeLimits(report, reader),
    ...describeOrigin(data, report, reader),
    schedule,
  ];
  return { level, title, items: items.map((item) => finish(item, reader)) };
}

function summarise(report: DriftReport, { texts, formats }: Reader): Pick<VerdictView, 'level' | 'title'> {
  const words = texts.drift.verdict;
  const all = formats.integer(report.inputs.length);
  switch (report.verdict) {
    case 'stable':
      return { level: 'good', title: words.stable(all) };
    case 'insufficient_data':
      return { level: 'unknown', title: words.insufficient };
    case 'drifted': {
      const drifted = listDrifted(report);
      const level = drifted.some(({ severity }) => severity === 'major') ? 'critical' : 'attention';
      return { level, title: words.drifted(formats.integer(drifted.length), all) };
    }
  }
}

function describeDrifted(report: DriftReport, bundle: Bundle, reader: Reader): readonly ItemParts[] {
  const { texts, formats } = reader;
  const words = texts.drift.verdict;
  const drifted = listDrifted(report);
  const named = drifted.slice(0, MOST_NAMED).map((input): ItemParts => {
    const found = words.found(
      formats.fixed(input.psi.value, 3),
      formats.decimal(input.psi.threshold),
      formats.pValue(input.adjustedPValue),
    );
    const weight = input.role === 'input' ? ` ${words.weight(formats.share(input.importance))}` : '';
    return {
      level: judgeDrift(input),
      topic: labelInput(input.name, bundle, reader),
      sentence: `${found}${weight}`,
      link: { href: addressDriftInput(input.name, report.id), text: words.see },
    };
  });
  const more = drifted.length - named.length;
  const todo: Readonly<Record<DriftSubjectRole, string>> = {
    input: words.todoInput,
    protected: words.todoProtected,
    probability: words.todoProbability,
  };
  const roles = (Object.keys(todo) as DriftSubjectRole[]).filter((role) =>
    drifted.some((input) => input.role === role),
  );
  return [
    ...named,
    ...(more > 0
      ? [
          {
            level: 'attention',
            topic: words.topics.more,
            sentence: words.more(formats.integer(more)),
          } as const,
        ]
      : []),
    ...roles.map((role): ItemParts => ({
      level: 'attention',
      topic: words.topics.todo,
      sentence: todo[role],
    })),
  ];
}

/** What the report could not see or judge. */
function describeLimits(report: DriftReport, { texts, formats }: Reader): readonly ItemParts[] {
  const words = texts.drift.verdict;
  const { rows, referenceRows, damagedLines, thresholds } = report;
  const minimum = formats.integer(thresholds.minimumRows);
  const thin = report.inputs.filter((input) => input.verdict === 'insufficient_data').length;
  const topic = words.topics.data;
  const items: ItemParts[] = [];
  if (report.verdict === 'insufficient_data') {
    const sentence = words.tooFew(formats.integer(rows), minimum);
    items.push({ level: 'unknown', topic, sentence, action: words.todoInsufficient });
  } else {
    const sentence = words.compared(formats.integer(rows), formats.integer(referenceRows));
    items.push({ level: 'good', topic, sentence });
    if (thin > 0)
      items.push({ level: 'unknown', topic, sentence: words.thin(formats.integer(thin), minimum) });
  }
  if (damagedLines > 0) {
    const sentence = words.damaged(formats.integer(damagedLines));
    items.push({ level: 'attention', topic, sentence, action: words.damagedAction });
  }
  return items;
}

/** What a reader who takes the report for the state of today must know. */
function describeOrigin({ latestId, model }: DriftData, report: DriftReport, { texts }: Reader): ItemParts[] {
  const words = texts.drift.verdict;
  const items: ItemParts[] = [];
  if (report.id !== latestId) {
    const link = latestId === null ? null : { href: '/monitoring/drift', text: words.latest };
    items.push({ level: 'unknown', topic: words.topics.report, sentence: words.earlier, link });
  }
  if (report.model.sha256 !== model.sha256) {
    const sentence = words.otherModel(`${report.model.name} ${report.model.version}`);
    items.push({ level: 'unknown', topic: words.topics.model, sentence });
  }
  return items;
}

function describeSchedule(job: DriftJobStatus, { texts, formats }: Reader): ItemParts {
  const words = texts.drift.verdict;
  const topic = words.topics.schedule;
  const failure = job.lastFailure;
  if (job.overdue) {
    return {
      level: 'critical',
      topic,
      sentence: failure === null ? words.overdue : `${words.overdue} ${words.failed(failure)}`,
      action: failure === null ? words.searchLog : words.retry,
    };
  }
  if (failure !== null) {
    return { level: 'attention', topic, sentence: words.failed(failure), action: words.retry };
  }
  if (job.running) return { level: 'good', topic, sentence: words.running };
  const next = formats.time(job.nextRunAtMs).text;
  return { level: 'good', topic, sentence: words.next(next, `${formats.integer(job.windowHours)} h`) };
}

function listDrifted(report: DriftReport): readonly InputDrift[] {
  return report.inputs.filter((input) => input.verdict === 'drifted');
}

function finish({ action = null, link = null, ...item }: ItemParts, { texts }: Reader): Item {
  return { ...item, word: wordOf(item.level, texts), action, link };
}

function wordOf(level: Level, texts: Reader['texts']): string {
  return texts.frame.levels[level];
}
