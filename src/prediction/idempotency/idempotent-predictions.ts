import { Inject, Injectable } from '@nestjs/common';
import { ProblemException } from '../../common/http/problem';
import { type RequestContext } from '../../common/http/request-context';
import { PREDICTION_LOG, type PredictionLog } from '../../logging/prediction-log';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type Application } from '../../scoring/application/application';
import { type Prediction, toPrediction } from '../prediction';
import { PredictionService } from '../prediction.service';
import { hashIdempotencyKey } from '../../logging/hash-idempotency-key';
import { isSameApplication } from './is-same-application';
import { KeyMemory } from './key-memory';

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
    private readonly keys: KeyMemory,
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
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
    const hash = hashIdempotencyKey({ ...context, idempotencyKey });
    let lostId: string | undefined;
    for (let id = this.keys.find(hash); id !== undefined && id !== lostId; id = this.keys.find(hash)) {
      const record = await this.findDecision(id, hash);
      if (record !== undefined) return { prediction: replay(record, application), replayed: true };
      // Its line was damaged since. Asked again, as another request may have decided meanwhile.
      lostId = id;
    }
    // Nothing may wait between the last look and this.
    const prediction = await this.keys.decideUnder(hash, () =>
      this.predictions.score(application, context, idempotencyKey),
    );
    return { prediction, replayed: false };
  }

  /** The decision with this id if it was made under this key. */
  private async findDecision(id: string, hash: Buffer): Promise<DecisionRecord | undefined> {
    const record = await this.log.find(id);
    if (record === undefined || !('decision' in record)) return undefined;
    const { idempotencyKey } = record;
    if (idempotencyKey === undefined) return undefined;
    return hashIdempotencyKey({ ...record, idempotencyKey }).equals(hash) ? record : undefined;
  }
}

function replay(record: DecisionRecord, application: Application): Prediction {
  if (isSameApplication(record, application)) return toPrediction(record);
  throw new ProblemException(
    'idempotency-key-reused',
    'This key stands for a decision on another application. Send each application with a key of its own.',
  );
}
