import { type Bundle } from '../../../scoring/bundle/bundle';
import { type Decision, DECISIONS } from '../../../scoring/policy/decide';
import { changeQuery, dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import { type EmptyView, type TimeView } from '../view-parts';
import { asUtc } from './as-utc';
import { type AskedProcess, formatExampleCommand } from './format-example-command';
import { type PredictionsData } from './predictions-data';
import { type PredictionsPageQuery } from './predictions.query';

/** A decision as a word with its sign and colour. */
export interface DecisionView {
  readonly code: Decision;
  readonly text: string;
}

/** What `views/predictions.hbs` shows. */
export interface PredictionsView {
  readonly form: {
    /** Values of the fields, as they were sent; dates as date fields take them. */
    readonly from: string;
    readonly to: string;
    readonly clientId: string;
    readonly decisions: readonly { readonly code: string; readonly text: string; readonly chosen: boolean }[];
    /** Whether any of them narrows the list. */
    readonly narrowed: boolean;
  };
  readonly rows: readonly {
    readonly time: TimeView;
    readonly decision: DecisionView;
    readonly probability: string;
    readonly score: string;
    readonly client: { readonly text: string; readonly href: string } | null;
    readonly model: string;
    readonly latency: string;
    readonly id: string;
    readonly href: string;
  }[];
  readonly csv: string;
  readonly shown: string;
  /** Set when the search stopped before the page was full. */
  readonly searched: string | null;
  /** Address of what is older; null at the end. */
  readonly older: string | null;
  /** Address of the first page; null on it. */
  readonly newest: string | null;
  /** Set when nothing was ever decided. */
  readonly empty: EmptyView | null;
}

/**
 * Words the list of decisions.
 *
 * @param address path and query of the page as requested
 * @param here the process that shows the page
 */
export function describePredictions(
  data: PredictionsData,
  query: Pick<PredictionsPageQuery, 'from' | 'to' | 'decision' | 'clientId' | 'cursor'>,
  bundle: Bundle,
  reader: Reader,
  address: string,
  here: AskedProcess,
): PredictionsView {
  const { formats } = reader;
  const words = reader.texts.predictions;
  const { items, nextCursor, searchedTo } = data;
  const narrowed = [query.from, query.to, query.decision, query.clientId].some(
    (value) => value !== undefined,
  );
  const never = items.length === 0 && !narrowed && query.cursor === undefined && nextCursor === null;
  return {
    form: {
      from: fieldValue(query.from),
      to: fieldValue(query.to),
      clientId: query.clientId ?? '',
      decisions: [
        { code: '', text: words.anyDecision, chosen: query.decision === undefined },
        ...DECISIONS.map((code) => ({
          code,
          text: reader.texts.frame.decisions[code],
          chosen: code === query.decision,
        })),
      ],
      narrowed,
    },
    rows: items.map((record) => ({
      time: formats.time(record.at, 'second'),
      decision: { code: record.decision, text: reader.texts.frame.decisions[record.decision] },
      probability: formats.decimal(record.probability, 4),
      score: formats.integer(record.score),
      client:
        record.clientId === undefined
          ? null
          : {
              text: record.clientId,
              href: `/monitoring/predictions?clientId=${encodeURIComponent(record.clientId)}`,
            },
      model: `${record.model.name} ${record.model.version}`,
      latency: formats.milliseconds(record.totalTimeMs),
      id: record.id,
      href: `/monitoring/predictions/${record.id}`,
    })),
    csv: dataAddress(address, { format: 'csv' }),
    shown: words.shown(formats.integer(items.length)),
    searched: searchedTo === null ? null : words.searched(formats.time(searchedTo).text),
    older: nextCursor === null ? null : changeQuery(address, { cursor: nextCursor, lang: null }),
    newest: query.cursor === undefined ? null : changeQuery(address, { cursor: null, lang: null }),
    empty: never ? { text: words.empty, command: formatExampleCommand(bundle, here) } : null,
  };
}

/** What a date field takes: UTC, to the minute, without zone. */
function fieldValue(time: string | undefined): string {
  return time === undefined ? '' : new Date(asUtc(time)).toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length);
}
