import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Logger } from '@nestjs/common';
import { ReadinessConditions } from '../../src/common/readiness-conditions';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { LogWatch } from '../../src/logging/log-watch';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { ServiceMetrics } from '../../src/metrics/service-metrics';
import { ActiveModels } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import {
  type IdempotentPrediction,
  IdempotentPredictions,
} from '../../src/prediction/idempotency/idempotent-predictions';
import { IndexedDecisions } from '../../src/prediction/idempotency/indexed-decisions';
import { KeyMemory } from '../../src/prediction/idempotency/key-memory';
import { PredictionService } from '../../src/prediction/prediction.service';
import { ScoredProbabilities } from '../../src/prediction/probabilities/scored-probabilities';
import { RefusalRecorder } from '../../src/prediction/refusal-recorder';
import { type Application, type InputValue } from '../../src/scoring/application/application';
import { type FaultyFiles } from './faulty-files';

/** Small enough that a few decisions begin a new one. */
const MAX_SEGMENT_BYTES = 8 * 1024;

interface Who {
  readonly caller: string;
  readonly tenant: string;
}

/** A log's folder on which processes come and go, one at a time, and the clock of them all. */
export class KeyedProcesses {
  /** When every test begins. */
  static readonly NOON = Date.UTC(2026, 10, 23, 12);

  /** Loaded once a spec: the parity gate takes longer than most tests. */
  private static loading: Promise<ActiveModels> | undefined;

  now = KeyedProcesses.NOON;

  private constructor(
    readonly models: ActiveModels,
    readonly logFolder: string,
  ) {}

  /** Nothing is told: what the log of these processes would say is not what the tests are about. */
  static async make(): Promise<KeyedProcesses> {
    Logger.overrideLogger(false);
    this.loading ??= ActiveModels.load(new FolderModelRegistry(resolve('models')), undefined);
    return new KeyedProcesses(await this.loading, await mkdtemp(join(tmpdir(), 'idempotency-')));
  }

  /** Where the index is kept. */
  get indexFolder(): string {
    return join(this.logFolder, 'idempotency');
  }

  start(openFile?: FaultyFiles['open'], { settled = true } = {}): Promise<KeyedProcess> {
    return KeyedProcess.start(this, openFile, settled);
  }

  /** The examples of the manifest, as client number n. */
  anApplication(client = 1): Application {
    const { inputs } = this.models.champion().bundle;
    return {
      clientId: `client-${client}`,
      inputs: Object.fromEntries(inputs.map(({ name, example }): [string, InputValue] => [name, example])),
    };
  }

  /** Leaves what a folder is before its first process. */
  remove(): Promise<void> {
    return rm(this.logFolder, { recursive: true, force: true });
  }
}

/** One process on the log's folder: the real log, memory and scoring, on a clock of the test's. */
export class KeyedProcess {
  private constructor(
    private readonly indexFolder: string,
    readonly log: FilePredictionLog,
    readonly keys: KeyMemory,
    readonly predictions: IdempotentPredictions,
    readonly readiness: ReadinessConditions,
  ) {}

  static async start(
    processes: KeyedProcesses,
    openFile: FaultyFiles['open'] | undefined,
    settled: boolean,
  ): Promise<KeyedProcess> {
    const { models, logFolder, indexFolder } = processes;
    const clock = (): number => processes.now;
    const log = await FilePredictionLog.open({
      folder: logFolder,
      fsync: 'never',
      clock,
      onFatal: (error) => {
        throw error;
      },
      maxSegmentBytes: MAX_SEGMENT_BYTES,
      ...(openFile && { openFile }),
    });
    const readiness = new ReadinessConditions();
    const keys = new KeyMemory(log, clock, { log: { folder: logFolder, fsync: 'never' } }, readiness);
    const service = new PredictionService(
      models,
      log,
      new RefusalRecorder(log, new LogWatch(log, clock)),
      new ServiceMetrics(),
      new ScoredProbabilities(),
    );
    keys.onModuleInit();
    if (settled) await keys.settled();
    return new KeyedProcess(
      indexFolder,
      log,
      keys,
      new IdempotentPredictions(service, new IndexedDecisions(keys, log)),
      readiness,
    );
  }

  send(key: string, application: Application, who: Partial<Who> = {}): Promise<IdempotentPrediction> {
    const context = { requestId: 'request', caller: 'anonymous', receivedAt: 0, ...who };
    return this.predictions.score(application, context, key);
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    await this.keys.beforeApplicationShutdown();
    await this.log.close();
  }

  /** What a kill leaves: nothing is checkpointed; only the folder's lock must be let go within one process. */
  async kill(): Promise<void> {
    const index = await mkdtemp(join(tmpdir(), 'idempotency-copy-'));
    await cp(this.indexFolder, index, { recursive: true });
    await this.stop();
    await rm(this.indexFolder, { recursive: true, force: true });
    await cp(index, this.indexFolder, { recursive: true });
    await rm(index, { recursive: true });
  }

  /** All records under a key, oldest first. */
  async recordsOf(key: string): Promise<PredictionRecord[]> {
    const { records } = await this.log.read({ limit: 10_000 });
    return records.filter(({ idempotencyKey }) => idempotencyKey === key);
  }
}

/** What a call that is refused with a status rejects with. */
export function refusalWith(status: number, headers?: Record<string, string>): unknown {
  return expect.objectContaining({
    document: expect.objectContaining({ status }) as unknown,
    ...(headers && { options: { headers } }),
  });
}
