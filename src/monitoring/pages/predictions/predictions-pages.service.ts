import { Injectable } from '@nestjs/common';
import { ProblemException } from '../../../common/http/problem';
import { type Viewer } from '../../../common/http/request-context';
import { timeOfId } from '../../../logging/issue-record-id';
import { type DecisionRecord } from '../../../logging/prediction-record';
import { RecordsQuery } from '../../../logging/records.query';
import { RecordsService } from '../../../logging/records.service';
import { ActiveModels } from '../../../model/active-models';
import { ModelNotFoundError } from '../../../model/model-registry';
import { ReplayService } from '../../../replay/replay.service';
import { type InputValues } from '../../../scoring/application/application';
import { type Bundle } from '../../../scoring/bundle/bundle';
import { BundleError } from '../../../scoring/bundle/bundle-error';
import { asUtc } from './as-utc';
import { findReferencePosition } from './find-reference-position';
import {
  type PredictionData,
  type PredictionsData,
  type RecordedInput,
  type ReplayOutcome,
} from './predictions-data';
import { type PredictionsDataQuery } from './predictions.query';

/** Fits on a screen or two. */
const PAGE_SIZE = 50;

/** Gathers what the pages of decisions show. */
@Injectable()
export class PredictionsPagesService {
  constructor(
    private readonly records: RecordsService,
    private readonly replays: ReplayService,
    private readonly models: ActiveModels,
  ) {}

  /** @throws {ProblemException} 400 when the span ends before it begins */
  async list(query: Omit<PredictionsDataQuery, 'format'>, viewer: Viewer): Promise<PredictionsData> {
    const { decision, clientId, cursor } = query;
    const from = query.from === undefined ? undefined : asUtc(query.from);
    const to = query.to === undefined ? undefined : asUtc(query.to);
    if (from !== undefined && to !== undefined && Date.parse(to) < Date.parse(from)) {
      const errors = [{ field: 'to', code: 'wrong_span', message: 'to must not be before from' }];
      throw new ProblemException('invalid-parameter', 'Correct the parameters named in errors.', { errors });
    }
    const records = Object.assign(new RecordsQuery(), {
      limit: PAGE_SIZE,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(decision !== undefined && { decision }),
      ...(clientId !== undefined && { clientId }),
      ...(cursor !== undefined && { cursor }),
    });
    const page = await this.records.list(records, viewer);
    const nextCursor = page.nextCursor ?? null;
    return {
      items: page.items,
      nextCursor,
      searchedTo:
        nextCursor !== null && page.items.length < PAGE_SIZE
          ? new Date(timeOfId(nextCursor)).toISOString()
          : null,
    };
  }

  /** @throws {ProblemException} 404 when no record has this id */
  async find(id: string, viewer: Viewer): Promise<PredictionData> {
    const record = await this.records.find(id, viewer);
    if (!('decision' in record)) {
      return { record, inputs: [], protected: [], policy: null, modelKept: null };
    }
    const bundle = await this.findBundle(record);
    return {
      record,
      inputs: describeValues(record.inputs, bundle),
      protected: describeValues(record.protected ?? {}, bundle),
      policy: bundle && { version: bundle.policy.version, bands: bundle.policy.bands },
      modelKept: bundle !== null,
    };
  }

  /** @throws {ProblemException} 404 when there is no such decision */
  async replay(id: string, viewer: Viewer): Promise<ReplayOutcome> {
    try {
      return await this.replays.replay(id, viewer);
    } catch (error) {
      if (error instanceof ProblemException && error.document.status === 409) return 'model-unavailable';
      throw error;
    }
  }

  private async findBundle({ model }: DecisionRecord): Promise<Bundle | null> {
    try {
      return (await this.models.recorded(model)).bundle;
    } catch (error) {
      // The record is shown without labels and reference; a replay says what is to be brought back.
      if (error instanceof ModelNotFoundError || error instanceof BundleError) return null;
      throw error;
    }
  }
}

function describeValues(values: InputValues, bundle: Bundle | null): readonly RecordedInput[] {
  const definitions = bundle ? [...bundle.inputs, ...bundle.protectedInputs] : [];
  return Object.entries(values).map(([name, value]) => {
    const distribution = bundle?.reference.inputs.get(name);
    return {
      name,
      value,
      definition: definitions.find((input) => input.name === name) ?? null,
      position: distribution ? findReferencePosition(value, distribution) : null,
    };
  });
}
