import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { type DynamicModule, type INestApplication, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ACCESS_CONTROL } from '../../src/auth/access-control';
import { ApplicationLogger } from '../../src/common/application-logger';
import { AUDIT, type Audit } from '../../src/common/audit';
import { CLOCK, type Clock } from '../../src/common/clock';
import { LeanExpressAdapter } from '../../src/common/http/lean-express-adapter';
import { CONFIGURATION } from '../../src/config/configuration';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../src/logging/prediction-log';
import { RecordsService } from '../../src/logging/records.service';
import { ActiveModels, type LoadedModel } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { type Alert } from '../../src/monitoring/alerts/alert';
import { Alerts } from '../../src/monitoring/alerts/alerts';
import { DriftJob, type DriftJobStatus } from '../../src/monitoring/drift/drift-job';
import {
  type DriftBin,
  type DriftReport,
  type DriftRun,
  type DriftVerdict,
  type InputDrift,
} from '../../src/monitoring/drift/drift-report';
import { DriftReports } from '../../src/monitoring/drift/drift-reports';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { PAGE_CONTROLLERS, PAGE_PROVIDERS } from '../../src/monitoring/pages/page-parts';
import { type Span } from '../../src/monitoring/span';
import {
  type FoldState,
  type Traffic,
  type TrafficFigures,
  type TrafficPoint,
} from '../../src/monitoring/traffic';
import { Vitals, type VitalsPoint } from '../../src/monitoring/vitals/vitals';
import { ReplayService } from '../../src/replay/replay.service';
import { type Bundle } from '../../src/scoring/bundle/bundle';
import { type CategoryDistribution } from '../../src/scoring/reference/reference';
import { computePsi } from '../../src/statistics/compute-psi';

/** The time at which all of the made-up figures stand: a Monday at noon, half past. */
export const NOW_MS = Date.UTC(2026, 10, 23, 12, 30);

/** Nobody looks at the audit trail of pages with made-up figures. */
const SILENT_AUDIT: Audit = { note: () => undefined, confirm: () => Promise.resolve() };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MODEL = {
  name: 'credit-default',
  version: '1.0.0',
  sha256: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00',
};

/** What a span without any record adds up to. */
export const NO_FIGURES: TrafficFigures = {
  requests: 0,
  decisions: { APPROVED: 0, REFERRED: 0, REJECTED: 0 },
  statuses: {},
  refused: 0,
  failed: 0,
  latencyMs: null,
};

/** Figures of `requests` applications with the decisions of the hold-out sample, and a few refusals. */
export function someFigures(requests: number, differences: Partial<TrafficFigures> = {}): TrafficFigures {
  if (requests === 0) return { ...NO_FIGURES, ...differences };
  const refused = Math.round(requests * 0.013);
  const failed = Math.round(requests * 0.0004);
  const decided = requests - refused - failed;
  const approved = Math.round(decided * 0.21);
  const rejected = Math.round(decided * 0.305);
  return {
    requests,
    decisions: { APPROVED: approved, REFERRED: decided - approved - rejected, REJECTED: rejected },
    statuses: {
      200: decided,
      ...(refused > 0 && { 400: refused }),
      ...(failed > 0 && { 503: failed }),
    },
    refused,
    failed,
    latencyMs: { p50: 0.71, p95: 1.9 + (requests % 7) * 0.1, p99: 4.2 + (requests % 5) * 0.4 },
    ...differences,
  };
}

/** Traffic of a span in the engine's steps; busy by day, quiet by night; nothing after `NOW_MS`. */
export function someTraffic(span: Span, requestsPerHour = 420): Traffic {
  const length = span.toMs - span.fromMs;
  const stepMs = length <= 3 * HOUR_MS ? MINUTE_MS : length <= 8 * DAY_MS ? HOUR_MS : DAY_MS;
  const fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(span.toMs / stepMs) * stepMs;
  const points: TrafficPoint[] = [];
  for (let at = fromMs; at < toMs; at += stepMs) {
    const share = Math.max(0, Math.min(1, (NOW_MS - at) / stepMs));
    const wave = 1 + 0.6 * Math.sin(((at / HOUR_MS - 8) / 24) * 2 * Math.PI);
    const noise = 1 + 0.1 * Math.sin(at / MINUTE_MS);
    const requests = Math.round(
      (requestsPerHour * stepMs * share * (stepMs < DAY_MS ? wave : 1) * noise) / HOUR_MS,
    );
    points.push({ fromMs: at, toMs: at + stepMs, ...someFigures(requests) });
  }
  const requests = points.reduce((sum, point) => sum + point.requests, 0);
  const totals = someFigures(requests);
  const decisions = totals.decisions.APPROVED + totals.decisions.REFERRED + totals.decisions.REJECTED;
  const shape = [6, 12, 14, 13, 11, 8, 6, 5, 4, 3, 3, 2.5, 2.5, 2.5, 2.5, 2, 1.5, 1, 0.4, 0.1];
  return {
    span: { fromMs, toMs },
    stepMs,
    points,
    totals: {
      ...totals,
      inferenceMs: decisions > 0 ? { p50: 0.021, p95: 0.034, p99: 0.062 } : null,
      models: decisions > 0 ? [{ ...MODEL, role: 'champion', decisions }] : [],
      refusedFields:
        requests > 0
          ? [
              { field: 'creditLimit', code: 'out_of_range', requests: 41 },
              { field: 'repaymentStatus1', code: 'missing', requests: 12 },
              { field: '<script>alert(1)</script>', code: 'unknown_field', requests: 2 },
            ]
          : [],
    },
    probability: {
      edges: Array.from({ length: 19 }, (_, index) => (index + 1) * 0.05),
      counts: shape.map((share, index) => Math.round((decisions * share * (index < 6 ? 0.95 : 1.1)) / 100)),
      referenceCounts: shape.map((share) => Math.round(share * 60)),
    },
  };
}

/** The engine of a service that has read all of its log, which began 40 days ago. */
export function fakeEngine(differences: Partial<MonitoringEngine> = {}): MonitoringEngine {
  return {
    traffic: (span) => Promise.resolve(someTraffic(span)),
    state: () => Promise.resolve(someFoldState()),
    catchUp: () => Promise.resolve(),
    reportDrift: () => Promise.resolve(someReport()),
    close: () => Promise.resolve(),
    ...differences,
  };
}

export function someFoldState(differences: Partial<FoldState> = {}): FoldState {
  return {
    records: 403_122,
    lastRecordAtMs: NOW_MS - 2_300,
    firstRecordAtMs: NOW_MS - 40 * DAY_MS,
    caughtUp: true,
    lagMs: 0,
    damagedLines: 0,
    problem: null,
    ...differences,
  };
}

/** An input's comparison, by its PSI. */
export function someInputDrift(name: string, psi: number, differences: Partial<InputDrift> = {}): InputDrift {
  const drifted = psi >= 0.1;
  return {
    name,
    role: 'input',
    type: 'number',
    verdict: drifted ? 'drifted' : 'stable',
    severity: drifted ? (psi >= 0.25 ? 'major' : 'moderate') : null,
    productionRows: 9_870,
    referenceRows: 6_000,
    missing: 0,
    unseen: 0,
    outOfRange: 3,
    psi: { value: psi, threshold: 0.1, critical: 0.0045 },
    kolmogorovSmirnov: {
      statistic: Math.sqrt(psi) / 3,
      pValue: drifted ? 1.2e-14 : 0.43,
      method: 'asymptotic',
      referenceRows: 6_000,
      productionRows: 9_870,
    },
    chiSquare: { statistic: psi * 3_700, degreesOfFreedom: 9, pValue: drifted ? 3e-12 : 0.51, bins: 10 },
    wasserstein: psi * 1.4,
    jensenShannon: Math.sqrt(psi) / 4,
    pValue: drifted ? 2.4e-14 : 0.86,
    adjustedPValue: drifted ? 4.8e-13 : 0.91,
    significance: 0.05,
    importance: 0.08,
    rank: psi * 0.08,
    bins: [
      { kind: 'range', above: null, upTo: 50_000, reference: 1_511, production: 2_950 },
      { kind: 'range', above: 50_000, upTo: 140_000, reference: 1_489, production: 2_720 },
      { kind: 'range', above: 140_000, upTo: 240_000, reference: 1_502, production: 2_200 },
      { kind: 'range', above: 240_000, upTo: null, reference: 1_498, production: 2_000 },
    ],
    ...differences,
  };
}

/** A report in which two inputs have drifted. */
export function someReport(differences: Partial<DriftReport> = {}): DriftReport {
  return {
    format: 'drift-report/1',
    id: '2026-11-23T00-00-00Z',
    trigger: 'schedule',
    window: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z', hours: 24 },
    createdAt: '2026-11-23T00:05:01.412Z',
    durationMs: 812,
    model: MODEL,
    verdict: 'drifted',
    rows: 9_870,
    referenceRows: 6_000,
    reservoir: null,
    damagedLines: 0,
    thresholds: { psi: { moderate: 0.1, major: 0.25 }, falseDiscoveryRate: 0.05, minimumRows: 200 },
    inputs: [
      someInputDrift('creditLimit', 0.31),
      someInputDrift('probability', 0.12, { role: 'probability', rank: 0.12 }),
      someInputDrift('billAmount1', 0.02),
      someInputDrift('repaymentStatus1', 0.011),
      someInputDrift('paymentAmount3', 0.006),
      someInputDrift('sex', 0.003, {
        role: 'protected',
        type: 'category',
        kolmogorovSmirnov: null,
        wasserstein: null,
        importance: 0,
        rank: 0,
        bins: [
          { kind: 'category', category: 'female', reference: 3_659, production: 6_050 },
          { kind: 'category', category: 'male', reference: 2_341, production: 3_820 },
        ],
      }),
      someInputDrift('age', 0, {
        role: 'protected',
        verdict: 'insufficient_data',
        productionRows: 120,
        adjustedPValue: null,
        importance: 0,
        rank: 0,
      }),
    ],
    ...differences,
  };
}

/** The line of a report in the history. */
export function runOf(report: DriftReport): DriftRun {
  const { id, trigger, window, createdAt, model, verdict, rows, inputs } = report;
  const byName = <T>(value: (input: InputDrift) => T): Record<string, T> =>
    Object.fromEntries(inputs.map((input) => [input.name, value(input)]));
  return {
    id,
    trigger,
    window,
    createdAt,
    model,
    verdict,
    rows,
    drifted: inputs.filter((input) => input.verdict === 'drifted').map((input) => input.name),
    psi: byName((input) => input.psi.value),
    verdicts: byName((input): DriftVerdict => input.verdict),
  };
}

export function someAlert(differences: Partial<Alert> = {}): Alert {
  return {
    id: '0b7a2d5e-6a4b-4f60-9c5f-2a1f6f1f3c11',
    kind: 'input_drifted',
    subject: 'creditLimit',
    severity: 'critical',
    state: 'open',
    figures: { psi: 0.31, threshold: 0.1, adjustedPValue: 4.8e-13, rows: 9_870, importance: 0.08 },
    openedAt: '2026-11-23T00:05:02.000Z',
    lastSeenAt: '2026-11-23T12:29:00.000Z',
    acknowledgedAt: null,
    note: null,
    acknowledgedBy: null,
    closedAt: null,
    ...differences,
  };
}

export function someJobStatus(differences: Partial<DriftJobStatus> = {}): DriftJobStatus {
  return {
    cron: '5 0 * * *',
    windowHours: 24,
    running: false,
    lastWindowEndMs: Date.UTC(2026, 10, 23),
    lastSuccessAtMs: Date.UTC(2026, 10, 23, 0, 5, 1),
    nextRunAtMs: Date.UTC(2026, 10, 24, 0, 5),
    overdue: false,
    lastFailure: null,
    ...differences,
  };
}

/** An hour of a process at ease. */
export function someVitals(): VitalsPoint[] {
  return Array.from({ length: 360 }, (_, index) => ({
    atMs: NOW_MS - (359 - index) * 10_000,
    cpuShare: 0.06 + 0.03 * Math.sin(index / 20) + (index % 90 === 0 ? 0.4 : 0),
    residentBytes: 172_000_000 + 6_000_000 * Math.sin(index / 60),
    eventLoopDelayP99Ms: 0.6 + (index % 45 === 0 ? 9 : 0),
  }));
}

/** What stands in for the rooms behind the pages; what is not given is made up as above. */
export interface PageFakes {
  readonly engine?: MonitoringEngine;
  /** Newest first; the first is the latest. */
  readonly reports?: readonly DriftReport[];
  readonly alerts?: readonly Alert[];
  readonly job?: DriftJobStatus;
  readonly vitals?: readonly VitalsPoint[];
  /** `MODELS_DIR`. */
  readonly models?: string;
  readonly clock?: Clock;
  /** Settings beyond the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whatever else the pages under test inject. */
  readonly providers?: readonly Provider[];
  /** What was decided; an empty log when absent. */
  readonly log?: PredictionLogReader;
}

@Module({})
class PagesUnderTest {
  static with(providers: Provider[]): DynamicModule {
    return { module: PagesUnderTest, controllers: [...PAGE_CONTROLLERS], providers };
  }
}

/** All pages on made-up figures, listening on a port that the system chose. */
export class Pages {
  private constructor(readonly app: INestApplication) {}

  static async start(fakes: PageFakes = {}): Promise<Pages> {
    const configuration = parseConfiguration({ ...fakes.settings });
    const models = await ActiveModels.load(new FolderModelRegistry(fakes.models ?? 'models'), undefined);
    const reports = fakes.reports ?? [someReport()];
    const alerts = fakes.alerts ?? [someAlert()];
    const driftReports: Pick<DriftReports, 'list' | 'latest' | 'find'> = {
      list: (limit) => Promise.resolve(reports.slice(0, limit).map(runOf)),
      latest: () => Promise.resolve(reports.find((report) => report.trigger !== 'manual')),
      find: (id) => Promise.resolve(reports.find((report) => report.id === id)),
    };
    const fakeAlerts: Pick<Alerts, 'list' | 'refresh'> = {
      list: () => alerts,
      refresh: () => Promise.resolve(),
    };
    const job: Pick<DriftJob, 'status'> = { status: () => fakes.job ?? someJobStatus() };
    const vitals: Pick<Vitals, 'recent'> = { recent: () => fakes.vitals ?? someVitals() };
    const app = await NestFactory.create(
      PagesUnderTest.with([
        { provide: CONFIGURATION, useValue: configuration },
        { provide: ACCESS_CONTROL, useValue: { mode: 'off' } },
        { provide: AUDIT, useValue: SILENT_AUDIT },
        { provide: CLOCK, useValue: fakes.clock ?? ((): number => NOW_MS) },
        { provide: ActiveModels, useValue: models },
        { provide: MONITORING_ENGINE, useValue: fakes.engine ?? fakeEngine() },
        { provide: DriftReports, useValue: driftReports },
        { provide: Alerts, useValue: fakeAlerts },
        { provide: DriftJob, useValue: job },
        { provide: Vitals, useValue: vitals },
        { provide: PREDICTION_LOG_READER, useValue: fakes.log ?? EMPTY_LOG },
        RecordsService,
        ReplayService,
        ...PAGE_PROVIDERS,
        ...(fakes.providers ?? []),
      ]),
      new LeanExpressAdapter(),
      { bodyParser: false, abortOnError: false, logger: new ApplicationLogger('silent') },
    );
    await app.listen(0, '127.0.0.1');
    return new Pages(app);
  }

  get server(): Server {
    return this.app.getHttpServer() as Server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

/** A log before the first request. */
const EMPTY_LOG: PredictionLogReader = {
  read: () => Promise.resolve({ records: [], more: false, damagedLines: 0 }),
  find: () => Promise.resolve(undefined),
  probe: () => Promise.resolve({ available: true, waiting: 0, damagedLines: 0 }),
  close: () => Promise.resolve(),
};

/**
 * Daily reports on all inputs of a model, newest first, the latest of which ends on the day of `NOW_MS`: a share
 * of the first input's rows moves from its upper half to its lower one, more from day to day.
 */
export function someReports(
  { bundle, identity }: Pick<LoadedModel, 'bundle' | 'identity'>,
  days: number,
): readonly DriftReport[] {
  return Array.from({ length: days }, (_, age) => {
    const toMs = Math.floor(NOW_MS / DAY_MS) * DAY_MS - age * DAY_MS;
    const moved = Math.max(0, 0.5 - age * 0.06);
    const inputs = [
      ...bundle.inputs.map(({ name }, index) =>
        someSubject(
          name,
          'input',
          bundle.reference.inputs.get(name),
          index === 0 ? moved : 0.02,
          index + age,
        ),
      ),
      ...bundle.protectedInputs.map(({ name }, index) =>
        someSubject(name, 'protected', bundle.reference.inputs.get(name), 0.01, index * age),
      ),
      someSubject('probability', 'probability', bundle.reference.probability, moved / 2.2, age),
    ].sort((left, right) => right.rank - left.rank || right.psi.value - left.psi.value);
    const drifted = inputs.some(({ verdict }) => verdict === 'drifted');
    return someReport({
      id: new Date(toMs).toISOString().replace(/\.\d+/, '').replaceAll(':', '-'),
      window: {
        from: new Date(toMs - DAY_MS).toISOString(),
        to: new Date(toMs).toISOString(),
        hours: 24,
      },
      createdAt: new Date(toMs + 5 * MINUTE_MS + 1_412).toISOString(),
      model: identity,
      verdict: drifted ? 'drifted' : 'stable',
      inputs,
    });
  });
}

/** One subject of which a share of the rows has moved from the upper half of the bins to the lower one. */
function someSubject(
  name: string,
  role: InputDrift['role'],
  reference: Bundle['reference']['probability'] | CategoryDistribution | undefined,
  moved: number,
  noise: number,
): InputDrift {
  if (reference === undefined) throw new Error(`The bundle has no reference of ${name}`);
  const rows = 9_870;
  const half = reference.counts.length / 2;
  const total = reference.counts.reduce((sum, count) => sum + count, 0);
  const upper = reference.counts.filter((_, bin) => bin >= half).reduce((sum, count) => sum + count, 0);
  const bins = reference.counts.map((count, bin): DriftBin => {
    const share = count / total;
    const shifted =
      bin >= half ? share * (1 - moved) : share * (1 + (moved * upper) / Math.max(1, total - upper));
    const counts = { reference: count, production: Math.round(rows * shifted) + ((bin + noise) % 5) };
    return 'edges' in reference
      ? {
          kind: 'range',
          above: reference.edges[bin - 1] ?? null,
          upTo: reference.edges[bin] ?? null,
          ...counts,
        }
      : { kind: 'category', category: reference.categories[bin] ?? '', ...counts };
  });
  const psi = computePsi(
    bins.map((bin) => bin.reference),
    bins.map((bin) => bin.production),
  );
  const category = 'categories' in reference;
  const importance = role === 'input' ? 0.05 : 0;
  return someInputDrift(name, psi, {
    role,
    type: category ? 'category' : 'number',
    ...(category && { kolmogorovSmirnov: null, wasserstein: null }),
    referenceRows: total,
    importance,
    rank: role === 'probability' ? psi : psi * importance,
    bins,
  });
}
