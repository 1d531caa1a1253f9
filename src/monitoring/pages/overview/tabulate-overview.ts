import { DECISIONS } from '../../../scoring/policy/decide';
import { type Traffic, type TrafficPoint } from '../../traffic';
import { type CsvTable, type CsvValue } from '../answer-csv';
import { type OverviewData } from './overview-data';
import { type OverviewTable } from './overview.query';

const TRAFFIC_COLUMNS = [
  'from',
  'to',
  'requests',
  ...DECISIONS.map((decision) => decision.toLowerCase()),
  'refused',
  'failed',
  'latencyP50Ms',
  'latencyP95Ms',
  'latencyP99Ms',
];

/** A table of the overview for other programs; without rows while the engine cannot answer. */
export function tabulateOverview(data: OverviewData, table: OverviewTable): CsvTable {
  const { traffic } = data;
  const name = `monitoring-${table}`;
  switch (table) {
    case 'traffic':
      return { name, columns: TRAFFIC_COLUMNS, rows: (traffic?.points ?? []).map(listPoint) };
    case 'probability':
      return {
        name,
        columns: ['above', 'upTo', 'decisions', 'referenceRows'],
        rows: traffic ? listProbability(traffic) : [],
      };
    case 'statuses':
      return {
        name,
        columns: ['status', 'requests'],
        rows: Object.entries(traffic?.totals.statuses ?? {}).map(([status, requests]) => [
          Number(status),
          requests,
        ]),
      };
    case 'refused-fields':
      return {
        name,
        columns: ['field', 'code', 'requests'],
        rows: (traffic?.totals.refusedFields ?? []).map(({ field, code, requests }) => [
          field,
          code,
          requests,
        ]),
      };
    case 'models':
      return {
        name,
        columns: ['name', 'version', 'sha256', 'role', 'decisions'],
        rows: (traffic?.totals.models ?? []).map((model) => [
          model.name,
          model.version,
          model.sha256,
          model.role,
          model.decisions,
        ]),
      };
    case 'vitals':
      return {
        name,
        columns: ['at', 'cpuShare', 'residentBytes', 'eventLoopDelayP99Ms'],
        rows: data.vitals.map((point) => [
          isoTime(point.atMs),
          point.cpuShare,
          point.residentBytes,
          point.eventLoopDelayP99Ms,
        ]),
      };
  }
}

function listPoint(point: TrafficPoint): CsvValue[] {
  return [
    isoTime(point.fromMs),
    isoTime(point.toMs),
    point.requests,
    ...DECISIONS.map((decision) => point.decisions[decision]),
    point.refused,
    point.failed,
    point.latencyMs?.p50 ?? null,
    point.latencyMs?.p95 ?? null,
    point.latencyMs?.p99 ?? null,
  ];
}

function listProbability({ probability }: Traffic): CsvValue[][] {
  const { edges, counts, referenceCounts } = probability;
  return counts.map((count, index) => [
    edges[index - 1] ?? 0,
    edges[index] ?? 1,
    count,
    referenceCounts[index] ?? 0,
  ]);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
