import { type DriftReport, type InputDrift } from '../../drift/drift-report';
import { type VerdictView } from '../overview/describe-verdict';
import { type Reader } from '../reader';
import { judgeDrift } from './judge-drift';

/** Whether one input drifted, how much, and what to do. */
export function describeInputVerdict(
  subject: InputDrift,
  report: Omit<DriftReport, 'inputs'>,
  latestId: string | null,
  label: string,
  { texts, formats }: Reader,
): VerdictView {
  const words = texts.drift.verdict;
  const level = judgeDrift(subject);
  const minimum = formats.integer(report.thresholds.minimumRows);
  const rows = formats.integer(subject.productionRows);
  const titles: Readonly<Record<InputDrift['verdict'], string>> = {
    drifted: words.inputDrifted(label),
    stable: words.inputStable(label),
    insufficient_data: words.inputInsufficient(label),
  };
  const todo: Readonly<Record<InputDrift['role'], string>> = {
    input: words.todoInput,
    protected: words.todoProtected,
    probability: words.todoProbability,
  };
  const item = (
    topic: string,
    sentence: string,
    itemLevel = level,
    link: VerdictView['items'][number]['link'] = null,
  ): VerdictView['items'][number] => ({
    level: itemLevel,
    word: texts.frame.levels[itemLevel],
    topic,
    sentence,
    action: null,
    link,
  });
  const found = words.found(
    formats.fixed(subject.psi.value, 3),
    formats.decimal(subject.psi.threshold),
    formats.pValue(subject.adjustedPValue),
  );
  return {
    level,
    title: titles[subject.verdict],
    items: [
      subject.verdict === 'insufficient_data'
        ? item(words.topics.data, `${words.tooFew(rows, minimum)} ${words.todoInsufficient}`)
        : item(words.topics.data, found),
      ...(subject.verdict === 'drifted' ? [item(words.topics.todo, todo[subject.role])] : []),
      ...(report.id === latestId
        ? []
        : [
            item(
              words.topics.report,
              words.earlier,
              'unknown',
              latestId === null
                ? null
                : { href: `/monitoring/drift/${encodeURIComponent(subject.name)}`, text: words.latest },
            ),
          ]),
    ],
  };
}
