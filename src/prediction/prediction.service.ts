import { performance } from 'node:perf_hooks';
import { Inject, Injectable } from '@nestjs/common';
import {
  describeProblem,
  type FieldProblem,
  type ProblemDocument,
  ProblemException,
} from '../common/http/problem';
import { type RequestContext } from '../common/http/request-context';
import { PREDICTION_LOG, type PredictionLog } from '../logging/prediction-log';
import { type DecisionRecord, type RecordDraft } from '../logging/prediction-record';
import { ServiceMetrics } from '../metrics/service-metrics';
import { ActiveModels, type LoadedModel } from '../model/active-models';
import { type Application } from '../scoring/application/application';
import { computeScore } from '../scoring/policy/compute-score';
import { decide } from '../scoring/policy/decide';
import { describeLogFailure } from './describe-log-failure';
import { RefusalRecorder } from './refusal-recorder';
import { roundTime } from './round-time';
import { type BatchItem, type Prediction, toPrediction } from './prediction';
import { PROBABILITIES, type Probabilities } from './probabilities/probabilities';
import { type BatchEntry, FEATURE_TOO_LARGE, isRefused, scoreBatch } from './score-batch';

/** An application with its probability: what its record is made of. */
interface Scored {
  readonly model: LoadedModel;
  readonly application: Application;
  readonly probability: number;
  /** When scoring began, milliseconds of `performance.now()`. */
  readonly startedAt: number;
  readonly context: RequestContext;
  readonly idempotencyKey: string | undefined;
}

/** Scores applications and keeps every decision. */
@Injectable()
export class PredictionService {
  constructor(
    private readonly models: ActiveModels,
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
    private readonly refusals: RefusalRecorder,
    private readonly metrics: ServiceMetrics,
    @Inject(PROBABILITIES) private readonly probabilities: Probabilities,
  ) {}

  /**
   * Answers only after the record is durable: no decision without a trace.
   *
   * @param idempotencyKey what the record is to carry; that it is used once is `IdempotentPredictions`' part
   * @throws {ProblemException} 400 when the inputs make a feature scikit-learn would refuse; 503 when the record cannot be kept
   */
  async score(
    application: Application,
    context: RequestContext,
    idempotencyKey?: string,
  ): Promise<Prediction> {
    const model = this.models.champion();
    const startedAt = performance.now();
    const found = this.probabilities.find(model, application.inputs);
    const probability = found instanceof Promise ? await found : found;
    const scored = { model, application, probability, startedAt, context, idempotencyKey };
    const record = await this.keep(draft(scored));
    return toPrediction(record);
  }

  /**
   * Scores the valid applications of a batch together, in order; each keeps a record of its own. None is looked up
   * in a cache: scored together, an application takes less time than asking for it.
   */
  async scoreBatch(entries: readonly BatchEntry[], context: RequestContext): Promise<BatchItem[]> {
    const model = this.models.champion();
    const started = performance.now();
    const probabilities = scoreBatch(model, entries);
    const perApplication = (performance.now() - started) / Math.max(entries.length, 1);
    const outcomes = await Promise.allSettled(
      entries.map(async (entry, index): Promise<BatchItem> => {
        const probability = probabilities[index];
        if (isRefused(entry)) return this.refuse(entry, context);
        if (probability === undefined) return this.refuse(FEATURE_TOO_LARGE, context);
        const startedAt = performance.now() - perApplication;
        const scored = {
          model,
          application: entry,
          probability,
          startedAt,
          context,
          idempotencyKey: undefined,
        };
        return toPrediction(await this.keep(draft(scored)));
      }),
    );
    return answerEach(outcomes);
  }

  private refuse(errors: readonly FieldProblem[], context: RequestContext): ProblemDocument {
    const problem = describeProblem('invalid-application', 'This application was not scored.', errors);
    this.refusals.record(problem, context);
    return problem;
  }

  private async keep(record: RecordDraft<DecisionRecord>): Promise<DecisionRecord> {
    try {
      const kept = await this.log.append<DecisionRecord>(record);
      this.metrics.observeDecision(kept);
      return kept;
    } catch (error) {
      throw describeLogFailure(error);
    }
  }
}

/**
 * A disk may fill up in the middle of a batch: decisions that were kept are answered as such, the others as what
 * became of them. When none was kept the whole batch is answered with the problem.
 */
function answerEach(outcomes: readonly PromiseSettledResult<BatchItem>[]): BatchItem[] {
  const kept = outcomes.some(({ status }) => status === 'fulfilled');
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    if (kept && outcome.reason instanceof ProblemException) return outcome.reason.document;
    throw outcome.reason;
  });
}

function draft({
  model,
  application,
  probability,
  startedAt,
  context,
  idempotencyKey,
}: Scored): RecordDraft<DecisionRecord> {
  const { policy } = model.bundle;
  const score = computeScore(policy.points, probability);
  const decision = decide(policy, probability);
  const now = performance.now();
  return {
    requestId: context.requestId,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(application.clientId !== undefined && { clientId: application.clientId }),
    caller: context.caller,
    ...(context.tenant !== undefined && { tenant: context.tenant }),
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
    inferenceTimeMs: roundTime(now - startedAt),
    totalTimeMs: roundTime(now - context.receivedAt),
  };
}
