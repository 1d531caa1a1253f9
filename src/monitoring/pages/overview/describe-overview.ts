import { type Bundle } from '../../../scoring/bundle/bundle';
import { type Traffic } from '../../traffic';
import { type AskedProcess, formatExampleCommand } from '../predictions/format-example-command';
import { changeQuery, dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import {
  type ChartView,
  type EmptyView,
  type TableView,
  textCell,
  type TileView,
  type TimeView,
} from '../view-parts';
import { describeCharts, type OverviewCharts } from './describe-charts';
import { describeProcess } from './describe-process';
import { describeTiles } from './describe-tiles';
import { describeVerdict, type VerdictView } from './describe-verdict';
import { type OverviewData } from './overview-data';
import { type OverviewTable, PERIODS } from './overview.query';

const MINUTE_MS = 60_000;

/** What `views/overview.hbs` shows. */
export interface OverviewView {
  readonly verdict: VerdictView;
  /** Set until the first application came: figures would say nothing. */
  readonly empty: EmptyView | null;
  readonly controls: {
    readonly periods: readonly { readonly href: string; readonly label: string; readonly current: boolean }[];
    /** Values of the date fields, UTC. */
    readonly from: string;
    readonly to: string;
    readonly latest: string;
    readonly refresh: boolean;
    readonly begin: TimeView;
    readonly end: TimeView;
    readonly comparison: string;
  };
  /** Null while there is nothing to show or the engine cannot answer. */
  readonly figures: {
    readonly tiles: readonly TileView[];
    readonly charts: OverviewCharts;
    readonly statuses: TableView;
    readonly refusedFields: TableView;
    readonly models: TableView;
  } | null;
  readonly process: readonly ChartView[];
}

/**
 * Words and draws the overview.
 *
 * @param address path and query of the page as requested
 * @param here the process that shows the page
 */
export function describeOverview(
  data: OverviewData,
  bundle: Bundle,
  reader: Reader,
  address: string,
  here: AskedProcess,
): OverviewView {
  const { formats } = reader;
  const texts = reader.texts.overview;
  const { span, traffic } = data;
  const never = data.reading !== null && data.reading.firstRecordAtMs === null && !traffic?.totals.requests;
  const csv = (table: OverviewTable): string => dataAddress(address, { format: 'csv', table });
  const length = formats.duration(span.toMs - span.fromMs);
  return {
    verdict: describeVerdict(data, bundle, reader),
    empty: never ? { text: texts.empty, command: formatExampleCommand(bundle, here) } : null,
    controls: {
      periods: PERIODS.map((period) => ({
        href: changeQuery(address, { period, from: null, to: null }),
        label: texts.periods[period],
        current: period === data.period,
      })),
      from: fieldValue(span.fromMs),
      to: fieldValue(span.toMs),
      latest: fieldValue(Math.ceil(data.nowMs / MINUTE_MS) * MINUTE_MS),
      refresh: new URL(address, 'http://localhost').searchParams.has('refresh'),
      begin: formats.time(span.fromMs),
      end: formats.time(Math.min(span.toMs, data.nowMs)),
      comparison: data.previous ? texts.comparedWith(length) : texts.comparedWithNothing(length),
    },
    figures:
      traffic === null || never
        ? null
        : {
            tiles: describeTiles(data, traffic, reader),
            charts: describeCharts(data, traffic, reader, csv),
            ...describeTables(traffic, reader, csv),
          },
    process: describeProcess(data.vitals, reader, csv('vitals')),
  };
}

function describeTables(
  { totals }: Traffic,
  { texts, formats }: Reader,
  csv: (table: OverviewTable) => string,
): Record<'statuses' | 'refusedFields' | 'models', TableView> {
  const words = texts.overview.tables;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  const number = (label: string): TableView['columns'][number] => ({ label, numeric: true });
  const decisions = totals.models.reduce((sum, model) => sum + model.decisions, 0);
  return {
    statuses: {
      caption: words.statuses,
      columns: [text(words.status), text(words.meaning), number(words.requests), number(words.share)],
      rows: Object.entries(totals.statuses).map(([status, requests]) => [
        textCell(status),
        textCell(texts.overview.statusMeanings[status] ?? ''),
        textCell(formats.integer(requests)),
        textCell(formats.share(requests / totals.requests)),
      ]),
      csv: csv('statuses'),
      empty: words.noStatuses,
    },
    refusedFields: {
      caption: words.refusedFields,
      columns: [text(words.field), text(words.code), number(words.requests)],
      rows: totals.refusedFields.map(({ field, code, requests }) => [
        textCell(field || words.wholeBody),
        textCell(code),
        textCell(formats.integer(requests)),
      ]),
      csv: csv('refused-fields'),
      empty: words.noRefusedFields,
    },
    models: {
      caption: words.models,
      columns: [text(words.model), text(words.role), number(words.decisions), number(words.share)],
      rows: totals.models.map((model) => [
        textCell(`${model.name} ${model.version}`),
        textCell(model.role),
        textCell(formats.integer(model.decisions)),
        textCell(formats.share(model.decisions / decisions)),
      ]),
      csv: csv('models'),
      empty: words.noModels,
    },
  };
}

/** A moment as date fields take it: UTC, without zone. */
function fieldValue(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length);
}
