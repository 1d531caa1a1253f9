import { Inject, Injectable } from '@nestjs/common';
import { ProblemException } from '../../common/http/problem';
import { type RequestContext } from '../../common/http/request-context';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type Application } from '../../scoring/application/application';
import { type Prediction, toPrediction } from '../prediction';
import { PredictionService } from '../prediction.service';
import { isSameApplication } from './is-same-application';
import { KEYED_DECISIONS, type KeyedDecisions } from './keyed-decisions';

/** A prediction, and whether it was made for an earlier request with the same key. */
export interface IdempotentPrediction {
  readonly prediction: Prediction;
  readonly replayed: boolean;
}

/** Decides once for each key of a caller, however often it is sent within 24 hours. */
@Injectable()
export class IdempotentPredictions {
  constructor(
    private readonly predictions: PredictionService,
    @Inject(KEYED_DECISIONS) private readonly keyed: KeyedDecisions,
  ) {}

  /**
   * The decision on an application: the kept one when the caller has used the key for it, otherwise a new one. An
   * answer is made from its record, so a replayed one is equal to the last byte.
   *
   * @throws {ProblemException} 409 while the first request with the key is in flight; 422 when the key was used
   *   for another application; 503 while keys cannot be checked; and what `PredictionService.score` throws, after
   *   which the key is free
   */
  async score(
    application: Application,
    context: RequestContext,
    idempotencyKey: string,
  ): Promise<IdempotentPrediction> {
    const { caller, tenant } = context;
    const outcome = await this.keyed.decideOnce({ caller, tenant, idempotencyKey }, () =>
      this.predictions.score(application, context, idempotencyKey),
    );
    switch (outcome.kind) {
      case 'decided':
        return { prediction: outcome.answer, replayed: false };
      case 'kept':
        return { prediction: replay(outcome.record, application), replayed: true };
    }
  }
}

function replay(record: DecisionRecord, application: Application): Prediction {
  if (isSameApplication(record, application)) return toPrediction(record);
  throw new ProblemException(
    'idempotency-key-reused',
    'This key stands for a decision on another application. Send each application with a key of its own.',
  );
}
