import { join, resolve } from 'node:path';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { type DecisionRecord, type RefusalRecord } from '../../src/logging/prediction-record';
import { ActiveModels, type LoadedModel } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { type InputValues } from '../../src/scoring/application/application';
import { computeScore } from '../../src/scoring/policy/compute-score';
import { decide } from '../../src/scoring/policy/decide';
import { aRefusal } from './prediction-record';

/** The model in `models/`, as the service loads it. */
export async function loadModel(): Promise<LoadedModel> {
  return (await ActiveModels.load(new FolderModelRegistry(resolve('models')), undefined)).champion();
}

/** A log that is written at any time of the past, with real decisions. */
export class DecidedLog {
  now = 0;

  private constructor(
    readonly dataFolder: string,
    private readonly model: LoadedModel,
    private readonly log: FilePredictionLog,
  ) {}

  /** @param dataFolder what `DATA_DIR` names */
  static async open(dataFolder: string, model: LoadedModel, maxSegmentBytes?: number): Promise<DecidedLog> {
    const box: { log?: DecidedLog } = {};
    const log = await FilePredictionLog.open({
      folder: join(dataFolder, 'logs'),
      fsync: 'never',
      clock: () => box.log?.now ?? 0,
      onFatal: (error) => {
        throw error;
      },
      ...(maxSegmentBytes !== undefined && { maxSegmentBytes }),
    });
    box.log = new DecidedLog(dataFolder, model, log);
    return box.log;
  }

  /** Scores and keeps an application at a time. */
  async decide(
    atMs: number,
    inputs: InputValues,
    protectedInputs?: InputValues,
    clientId?: string,
  ): Promise<DecisionRecord> {
    this.now = atMs;
    const { identity, bundle, scorer } = this.model;
    const probability = scorer.score(inputs);
    return this.log.append<DecisionRecord>({
      requestId: 'request',
      ...(clientId !== undefined && { clientId }),
      caller: 'anonymous',
      model: { ...identity, role: 'champion' },
      inputs,
      ...(protectedInputs && { protected: protectedInputs }),
      probability,
      score: computeScore(bundle.policy.points, probability),
      decision: decide(bundle.policy, probability),
      policyVersion: bundle.policy.version,
      inferenceTimeMs: 0.01,
      totalTimeMs: 1 + (atMs % 10),
    });
  }

  /** Keeps a refusal at a time. */
  async refuse(atMs: number, status = 400): Promise<RefusalRecord> {
    this.now = atMs;
    return this.log.append<RefusalRecord>(aRefusal({ status }));
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
