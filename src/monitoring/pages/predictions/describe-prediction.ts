import {
  type DecisionRecord,
  type PredictionRecord,
  type RefusalRecord,
} from '../../../logging/prediction-record';
import { type Outcome, type Replay } from '../../../replay/replay.service';
import { type InputValue } from '../../../scoring/application/application';
import { describeBin } from '../drift/describe-bin';
import { type FactView } from '../drift/describe-facts';
import { type Reader } from '../reader';
import { type BadgeView, type Level, type TableView, textCell, timeCell } from '../view-parts';
import { type DecisionView } from './describe-predictions';
import { type ReferencePosition } from './find-reference-position';
import { type PredictionData, type RecordedInput, type ReplayOutcome } from './predictions-data';

/** Digits with which a decimal number that somebody typed reads back as it was. */
const DIGITS = 15;

/** One recorded value with its place in the reference. */
export interface InputView {
  readonly label: string;
  /** The field's name; null when the label is the name. */
  readonly name: string | null;
  readonly value: string;
  readonly unit: string | null;
  readonly bin: string;
  /** Where the bar begins and how long it is, of 100; null without a place. */
  readonly bar: { readonly x: string; readonly width: string } | null;
  readonly position: string;
}

/** What `views/prediction.hbs` shows. */
export interface PredictionView {
  readonly facts: readonly FactView[];
  /** Null for a refusal. */
  readonly decision: {
    readonly decision: DecisionView;
    readonly probability: string;
    /** All of its digits. */
    readonly exact: string;
    readonly bands: string | null;
    readonly score: string;
    readonly latency: string;
    readonly inputs: readonly InputView[];
    readonly protected: readonly InputView[];
    readonly modelKept: boolean;
    readonly replay: {
      readonly action: string;
      readonly outcome: ReplayView | null;
    };
  } | null;
  readonly refusal: { readonly badge: BadgeView; readonly title: string; readonly fields: TableView } | null;
}

interface ReplayView {
  readonly level: Level;
  readonly word: string;
  readonly title: string;
  readonly action: string | null;
  /** Null when it could not be made again. */
  readonly table: TableView | null;
}

/**
 * Words one record.
 *
 * @param outcome of a replay that was asked for; null when none was
 */
export function describePrediction(
  data: PredictionData,
  outcome: ReplayOutcome | null,
  reader: Reader,
): PredictionView {
  const { record } = data;
  return {
    facts: describeRecord(record, reader),
    decision: 'decision' in record ? describeDecision(record, data, outcome, reader) : null,
    refusal: 'decision' in record ? null : describeRefusal(record, reader),
  };
}

function describeRecord(record: PredictionRecord, { texts, formats }: Reader): readonly FactView[] {
  const words = texts.predictions.facts;
  const fact = (term: string, text: string | undefined): FactView[] =>
    text === undefined ? [] : [{ term, cell: textCell(text), until: null, after: null }];
  const decided = 'decision' in record ? record : null;
  return [
    ...fact(words.id, record.id),
    { term: words.at, cell: timeCell(formats.time(record.at, 'second')), until: null, after: null },
    ...fact(words.client, record.clientId),
    ...fact(words.caller, record.caller),
    ...fact(words.requestId, record.requestId),
    ...fact(words.idempotencyKey, record.idempotencyKey),
    ...fact(
      words.model,
      decided ? `${decided.model.name} ${decided.model.version} (${decided.model.role})` : undefined,
    ),
    ...fact(words.sha256, decided?.model.sha256),
    ...fact(words.policy, decided?.policyVersion),
    ...fact(words.inference, decided ? formats.milliseconds(decided.inferenceTimeMs) : undefined),
    ...fact(words.total, formats.milliseconds(record.totalTimeMs)),
  ];
}

function describeDecision(
  record: DecisionRecord,
  data: PredictionData,
  outcome: ReplayOutcome | null,
  reader: Reader,
): PredictionView['decision'] {
  const { texts, formats } = reader;
  const bands = data.policy?.bands;
  const inputs = (values: readonly RecordedInput[]): readonly InputView[] =>
    values.map((input) => describeInput(input, reader));
  return {
    decision: { code: record.decision, text: texts.frame.decisions[record.decision] },
    probability: formats.decimal(record.probability, 4),
    exact: String(record.probability),
    bands: bands
      ? texts.predictions.tiles.bands(formats.decimal(bands.approveBelow), formats.decimal(bands.referBelow))
      : null,
    score: formats.integer(record.score),
    latency: formats.milliseconds(record.totalTimeMs),
    inputs: inputs(data.inputs),
    protected: inputs(data.protected),
    modelKept: data.modelKept === true,
    replay: {
      action: `/monitoring/predictions/${record.id}/replay`,
      outcome: outcome === null ? null : describeReplay(outcome, record, reader),
    },
  };
}

function describeInput({ name, value, definition, position }: RecordedInput, reader: Reader): InputView {
  const { formats } = reader;
  const label = definition?.label ? reader.translate(definition.label) : name;
  const percent = (share: number): string => (share * 100).toFixed(2);
  const { below = null, through = null, share = 0 } = position ?? {};
  const start = below ?? 0;
  return {
    label,
    name: label === name ? null : name,
    value: describeValue(value, reader),
    unit: value === null ? null : (definition?.unit ?? null),
    bin: position ? describeBin(position, definition?.type === 'integer', reader) : formats.integer(null),
    bar: position && { x: percent(start), width: percent((through ?? share) - start) },
    position: position ? describePosition(position, reader) : formats.integer(null),
  };
}

function describePosition({ below, through, share }: ReferencePosition, reader: Reader): string {
  const { formats } = reader;
  const words = reader.texts.predictions.inputs;
  if (below === null || through === null) return words.share(formats.share(share));
  if (below === 0) return words.lowest(formats.share(through));
  if (through === 1) return words.above(formats.share(below));
  return words.among(formats.share(below), formats.share(through));
}

function describeValue(value: InputValue, { texts, formats }: Reader): string {
  if (value === null) return texts.predictions.inputs.missing;
  return typeof value === 'number' ? formats.decimal(value, DIGITS) : value;
}

function describeReplay(
  outcome: Exclude<ReplayOutcome, null>,
  { model }: DecisionRecord,
  reader: Reader,
): ReplayView {
  const words = reader.texts.predictions.replay;
  const view = (level: Level, title: string, action: string | null, table: TableView | null): ReplayView => ({
    level,
    word: reader.texts.frame.levels[level],
    title,
    action,
    table,
  });
  if (outcome === 'model-unavailable') {
    const action = words.unavailableAction(`${model.name}/${model.version}`);
    return view('attention', words.unavailable, action, null);
  }
  const table = compareOutcomes(outcome, reader);
  return outcome.identical
    ? view('good', words.identical, null, table)
    : view('critical', words.different, words.differentAction, table);
}

/** Every part of both results; numbers with all of their digits. */
function compareOutcomes({ recorded, replayed }: Replay, { texts }: Reader): TableView {
  const words = texts.predictions;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  const row = (name: string, part: (outcome: Outcome) => string): TableView['rows'][number] => {
    const equal = part(recorded) === part(replayed);
    return [name, part(recorded), part(replayed), equal ? words.replay.yes : words.replay.no].map(textCell);
  };
  return {
    caption: words.replay.caption,
    columns: [
      text(words.replay.what),
      text(words.replay.recorded),
      text(words.replay.replayed),
      text(words.replay.equal),
    ],
    rows: [
      row(words.decision, ({ decision }) => texts.frame.decisions[decision]),
      row(words.probability, ({ probability }) => String(probability)),
      row(words.score, ({ score }) => String(score)),
      row(words.replay.policy, ({ policyVersion }) => policyVersion),
    ],
    csv: null,
    empty: '',
  };
}

function describeRefusal({ status, problem }: RefusalRecord, { texts }: Reader): PredictionView['refusal'] {
  const words = texts.predictions.refusal;
  return {
    badge: { level: status < 500 ? 'attention' : 'critical', text: String(status) },
    title: problem.title,
    fields: {
      caption: words.fields,
      columns: [
        { label: words.field, numeric: false },
        { label: words.code, numeric: false },
      ],
      rows: (problem.errors ?? []).map(({ field, code }) => [
        textCell(field === '' ? words.notNamed : field),
        textCell(code),
      ]),
      csv: null,
      empty: words.noFields,
    },
  };
}
