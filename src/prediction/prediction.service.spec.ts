import { LogUnavailableError, type PredictionLog } from '../logging/prediction-log';
import { ServiceMetrics } from '../metrics/service-metrics';
import { type ActiveModels, type LoadedModel } from '../model/active-models';
import { type InputValues } from '../scoring/application/application';
import { PredictionService } from './prediction.service';
import { ScoredProbabilities } from './probabilities/scored-probabilities';
import { type RefusalRecorder } from './refusal-recorder';

const context = { requestId: 'request', caller: 'anonymous', receivedAt: 0 };
const model = {
  identity: { name: 'model', version: '1.0.0', sha256: '0'.repeat(64) },
  bundle: {
    policy: {
      version: '1',
      bands: { approveBelow: 0.1, referBelow: 0.3 },
      points: { baseScore: 600, baseOdds: 30, pointsToDoubleOdds: 20 },
    },
  },
  scorer: { scoreAll: (list: readonly InputValues[]) => new Float64Array(list.length).fill(0.05) },
} as unknown as LoadedModel;

/** A log on a disk that is full for the records named here, by their place from 0. */
function serviceOn(isFull: (place: number) => boolean): PredictionService {
  let place = 0;
  const append = (draft: object): Promise<object> =>
    isFull(place++)
      ? Promise.reject(new LogUnavailableError('full', 10))
      : Promise.resolve({ ...draft, id: 'id' });
  const refusals = { record: () => undefined } as unknown as RefusalRecorder;
  return new PredictionService(
    { champion: () => model } as unknown as ActiveModels,
    { append } as unknown as PredictionLog,
    refusals,
    new ServiceMetrics(),
    new ScoredProbabilities(),
  );
}

describe('a batch on a disk that fills up', () => {
  const batch = [{ inputs: {} }, { inputs: {} }, { inputs: {} }];

  it('answers the decisions that were kept, and 503 in the place of those that were not', async () => {
    const items = await serviceOn((place) => place === 1).scoreBatch(batch, context);
    expect(items).toMatchObject([{ decision: 'APPROVED' }, { status: 503 }, { decision: 'APPROVED' }]);
  });

  it('answers 503 with Retry-After for the whole when none was kept', async () => {
    const answer = serviceOn(() => true).scoreBatch(batch, context);
    await expect(answer).rejects.toMatchObject({
      document: { status: 503 },
      options: { headers: { 'Retry-After': '10' } },
    });
  });
});
