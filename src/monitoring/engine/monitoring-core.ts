import { setTimeout as wait } from 'node:timers/promises';
import { type PredictionLogReader } from '../../logging/prediction-log';
import { type DriftReport, type UntimedDriftReport } from '../drift/drift-report';
import { type DriftReportParts } from '../drift/build-drift-report';
import { type DriftWindow, type ReferenceSample } from '../drift/drift-window';
import { loadReferenceSample } from '../drift/load-reference-sample';
import { type Span } from '../span';
import { layOutPopulation } from '../summary/population-layout';
import { type CountedModel, Summary } from '../summary/summary';
import { SummaryHistory } from '../summary/summary-history';
import { openSummaryStore } from '../summary/open-summary-store';
import { type SummaryStore } from '../summary/summary-store';
import { HOUR_MS } from '../summary/time-steps';
import { RESERVOIR_ROWS, ValueSample } from '../summary/value-sample';
import { type FoldState, type Traffic } from '../traffic';
import { assembleDriftWindow } from './assemble-drift-window';
import { buildTraffic } from './build-traffic';
import { collectDriftWindow } from './collect-drift-window';
import { type EngineCalls, type EngineOptions } from './engine-messages';
import { LogFold, type OnFoldProblem } from './log-fold';
import { type DriftRequest } from './monitoring-engine';
import { openLogReader } from './open-log-reader';

/** Builds a report away from this thread. */
export type BuildReport = (parts: DriftReportParts) => Promise<UntimedDriftReport>;

/** The engine itself, as it works in its thread. */
export class MonitoringCore {
  private constructor(
    private readonly options: EngineOptions,
    private readonly model: CountedModel,
    private readonly referenceSample: ReferenceSample,
    private readonly reader: PredictionLogReader,
    private readonly store: SummaryStore,
    private readonly history: SummaryHistory,
    private readonly fold: LogFold,
    private readonly buildReport: BuildReport,
  ) {}

  /**
   * Takes up the summaries that were kept and begins to read the log behind them.
   *
   * @throws {ReferenceSampleError} the reference sample is missing or another one
   */
  static async open(
    options: EngineOptions,
    buildReport: BuildReport,
    onProblem: OnFoldProblem,
  ): Promise<MonitoringCore> {
    const { model } = options;
    const referenceSample = await loadReferenceSample(model);
    const counted = {
      sha256: model.identity.sha256,
      layout: layOutPopulation(model.bundle, referenceSample),
    };
    const store = await openSummaryStore(options);
    const history = new SummaryHistory(counted, store, Date.now);
    history.restore(await store.load(Date.now()));
    const reader = await openLogReader(options);
    const fold = new LogFold(reader, history, Date.now, waitUnlessAborted, onProblem);
    fold.start();
    return new MonitoringCore(options, counted, referenceSample, reader, store, history, fold, buildReport);
  }

  traffic(span: Span): Promise<Traffic> {
    return Promise.resolve(buildTraffic(this.history, this.model, this.referenceSample.probability, span));
  }

  state(): Promise<FoldState> {
    return Promise.resolve(this.fold.state());
  }

  async catchUp(): Promise<undefined> {
    await this.fold.catchUp();
    return undefined;
  }

  async reportDrift({ span, trigger }: DriftRequest): Promise<DriftReport> {
    const begun = performance.now();
    const { identity, bundle } = this.options.model;
    const window =
      (await this.windowFromHistory(span)) ??
      (await collectDriftWindow(this.reader, this.options.model, this.referenceSample, span));
    const report = await this.buildReport({
      window,
      identity,
      bundle,
      referenceSample: this.referenceSample,
      thresholds: this.options.monitoring.drift,
      trigger,
      createdAtMs: Date.now(),
    });
    return { ...report, durationMs: Math.round(performance.now() - begun) };
  }

  async close(): Promise<undefined> {
    await this.fold.stop();
    await this.reader.close();
    await this.store.close();
    return undefined;
  }

  /** Answers a call by its name. */
  answer<C extends keyof EngineCalls>(call: C, argument: EngineCalls[C]['argument']): Promise<unknown> {
    switch (call) {
      case 'traffic':
        return this.traffic(argument as Span);
      case 'state':
        return this.state();
      case 'catchUp':
        return this.catchUp();
      case 'reportDrift':
        return this.reportDrift(argument as DriftRequest);
      case 'close':
        return this.close();
    }
    throw new RangeError('The engine knows no such call');
  }

  /** Undefined when the history lacks a part that the log still has. */
  private async windowFromHistory(span: Span): Promise<DriftWindow | undefined> {
    const total = new Summary(this.model);
    const sample = new ValueSample(this.model.layout);
    let damagedLines = 0;
    const { lastRecordAtMs } = this.fold.state();
    if (span.fromMs % HOUR_MS !== 0 || span.toMs % HOUR_MS !== 0) return undefined;
    if (lastRecordAtMs !== null && !this.history.keepsHoursOf(span)) return undefined;
    for (let startMs = span.fromMs; startMs < span.toMs; startMs += HOUR_MS) {
      const hour = await this.history.hour(startMs);
      if (hour === undefined) continue;
      const { summary } = hour;
      if (summary.modelRows > 0) {
        const kept = hour.sample?.rows ?? 0;
        if (summary.population === undefined || kept < Math.min(summary.modelRows, RESERVOIR_ROWS))
          return undefined;
        if (hour.sample) sample.merge(hour.sample);
      }
      total.merge(summary);
      damagedLines += hour.damagedLines;
    }
    return assembleDriftWindow(span, this.model, total, sample, damagedLines);
  }
}

async function waitUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
}
