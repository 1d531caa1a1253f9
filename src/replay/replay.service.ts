import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/http/problem';
import { type Viewer } from '../common/http/request-context';
import { type DecisionRecord } from '../logging/prediction-record';
import { RecordsService } from '../logging/records.service';
import { ActiveModels, type LoadedModel } from '../model/active-models';
import { ModelNotFoundError, type ModelIdentity } from '../model/model-registry';
import { BundleError } from '../scoring/bundle/bundle-error';
import { computeScore } from '../scoring/policy/compute-score';
import { decide } from '../scoring/policy/decide';

/** What a decision consists of, as it was recorded or as it came out again. */
export type Outcome = Pick<DecisionRecord, 'probability' | 'score' | 'decision' | 'policyVersion'>;

/** A recorded decision beside the same decision made again. */
export interface Replay {
  readonly id: string;
  /** Whether all of the outcome is equal, the probability bit for bit. */
  readonly identical: boolean;
  readonly recorded: Outcome;
  readonly replayed: Outcome;
  readonly model: ModelIdentity;
}

/** Makes recorded decisions again. */
@Injectable()
export class ReplayService {
  constructor(
    private readonly records: RecordsService,
    private readonly models: ActiveModels,
  ) {}

  /** @throws {ProblemException} 404 without such a decision of the viewer's; 409 when its inputs were erased, or its model is no longer kept as it was */
  async replay(id: string, viewer: Viewer): Promise<Replay> {
    const record = await this.records.find(id, viewer);
    if (!('decision' in record)) {
      throw new ProblemException('not-found', 'This request was refused: there is no decision to replay.');
    }
    if (record.erased !== undefined) {
      throw new ProblemException(
        'record-erased',
        'The client was erased: without the inputs the decision cannot be made again. Its record stays.',
      );
    }
    const model = await this.recordedModel(record);
    const { policy } = model.bundle;
    const probability = model.scorer.score(record.inputs);
    const replayed: Outcome = {
      probability,
      score: computeScore(policy.points, probability),
      decision: decide(policy, probability),
      policyVersion: policy.version,
    };
    const recorded: Outcome = {
      probability: record.probability,
      score: record.score,
      decision: record.decision,
      policyVersion: record.policyVersion,
    };
    const identical =
      recorded.probability === replayed.probability &&
      recorded.score === replayed.score &&
      recorded.decision === replayed.decision &&
      recorded.policyVersion === replayed.policyVersion;
    return { id, identical, recorded, replayed, model: model.identity };
  }

  private async recordedModel(record: DecisionRecord): Promise<LoadedModel> {
    try {
      return await this.models.recorded(record.model);
    } catch (error) {
      if (!(error instanceof ModelNotFoundError || error instanceof BundleError)) throw error;
      const { name, version } = record.model;
      throw new ProblemException(
        'model-unavailable',
        `Bring back the bundle ${name}/${version} exactly as it was, with the SHA-256 in the record.`,
        { cause: error },
      );
    }
  }
}
