import { performance } from 'node:perf_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { describeProblem, type FieldProblem, ProblemException } from '../common/http/problem';
import { type RequestContext } from '../common/http/request-context';
import { LogUnavailableError, PREDICTION_LOG, type PredictionLog } from '../logging/prediction-log';
import { type DecisionRecord, type RecordDraft } from '../logging/prediction-record';
import { ActiveModels, type LoadedModel } from '../model/active-models';
import { type Application } from '../scoring/application/application';
import { FeatureVectorError } from '../scoring/forest/feature-vector-error';
import { computeScore } from '../scoring/policy/compute-score';
import { decide } from '../scoring/policy/decide';
import { type BatchItem, type Prediction, toPrediction } from './prediction';
import { type BatchEntry, FEATURE_TOO_LARGE, isRefused, scoreBatch } from './score-batch';

/** Times are kept to the tenth of a microsecond: finer digits are noise and cost log space. */
const TIME_STEPS_PER_MS = 10_000;

/** Scores applications and keeps every decision. */
@Injectable()
export class PredictionService {
  constructor(
    private readonly models: ActiveModels,
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
  ) {}

  /**
   * Answers only after the record is durable: no decision without a trace.
   *
   * @throws {ProblemException} 400 when the inputs make a feature scikit-learn would refuse; 503 when the record cannot be kept
   */
  async score(application: Application, context: RequestContext): Promise<Prediction> {
    const model = this.models.champion();
    const started = performance.now();
    const probability = scoreOne(model, application);
    const record = await this.keep(draft(model, application, probability, started, context));
    return toPrediction(record);
  }

  /** Scores the valid applications of a batch together, in order; each keeps a record of its own. */
  async scoreBatch(entries: readonly BatchEntry[], context: RequestContext): Promise<BatchItem[]> {
    const model = this.models.champion();
    const started = performance.now();
    const probabilities = scoreBatch(model, entries);
    const perApplication = (performance.now() - started) / Math.max(entries.length, 1);
    const items = entries.map(async (entry, index): Promise<BatchItem> => {
      if (isRefused(entry)) return refuse(entry);
      const probability = probabilities[index];
      if (probability === undefined) return refuse(FEATURE_TOO_LARGE);
      const since = performance.now() - perApplication;
      return toPrediction(await this.keep(draft(model, entry, probability, since, context)));
    });
    return Promise.all(items);
  }

  private async keep(record: RecordDraft<DecisionRecord>): Promise<DecisionRecord> {
    try {
      return await this.log.append<DecisionRecord>(record);
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      throw new ProblemException('log-unavailable', 'No decision was made. Try again later.', {
        headers: { 'Retry-After': String(error.retryAfterSeconds) },
        cause: error,
      });
    }
  }
}

function refuse(errors: readonly FieldProblem[]): BatchItem {
  return describeProblem('invalid-application', 'This application was not scored.', errors);
}

function scoreOne(model: LoadedModel, application: Application): number {
  try {
    return model.scorer.score(application.inputs);
  } catch (error) {
    if (!(error instanceof FeatureVectorError)) throw error;
    throw new ProblemException('invalid-application', 'The application was not scored.', {
      errors: FEATURE_TOO_LARGE,
    });
  }
}

function draft(
  model: LoadedModel,
  application: Application,
  probability: number,
  started: number,
  context: RequestContext,
): RecordDraft<DecisionRecord> {
  const { policy } = model.bundle;
  const score = computeScore(policy.points, probability);
  const decision = decide(policy, probability);
  const now = performance.now();
  return {
    requestId: context.requestId,
    ...(application.clientId !== undefined && { clientId: application.clientId }),
    caller: context.caller,
    model: {
      name: model.identity.name,
      version: model.identity.version,
      sha256: model.identity.sha256,
      role: 'champion',
    },
    inputs: application.inputs,
    ...(application.protected !== undefined && { protected: application.protected }),
    probability,
    score,
    decision,
    policyVersion: policy.version,
    inferenceTimeMs: roundTime(now - started),
    totalTimeMs: roundTime(now - context.receivedAt),
  };
}

function roundTime(milliseconds: number): number {
  return Math.round(milliseconds * TIME_STEPS_PER_MS) / TIME_STEPS_PER_MS;
}
