import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { type Prediction } from '../../src/prediction/prediction';
import { Service } from '../factories/service';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

describe('README.md', () => {
  it('prints what its curl answers, to the last digit', async () => {
    const sent = /curl -s http:\S+\/predict .*?-d '(\{.*?\})'/s.exec(readme)?.[1];
    const printed = /```json\n(\{.*?\})\n```/s.exec(readme)?.[1];
    const response = await service.post('/predict', JSON.parse(sent ?? '') as object).expect(200);
    const answer = response.body as Prediction;
    const { id, inferenceTimeMs } = answer;
    expect({ ...(JSON.parse(printed ?? '') as Prediction), id, inferenceTimeMs }).toEqual(answer);
  });

  it('says where the policy of the model draws its lines', () => {
    const { bands } = service.model.bundle.policy;
    expect(readme).toContain(`approves below a probability of ${bands.approveBelow}`);
    expect(readme).toContain(`below ${bands.referBelow},`);
  });

  it('lists the settings there are, with their defaults', () => {
    const table = new Map<string, string | undefined>(
      [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]+)`)?/gm)].map((row) => [row[1] ?? '', row[2]]),
    );
    const defaults = parseConfiguration({});
    const printed = {
      PORT: table.get('PORT'),
      MODELS_DIR: table.get('MODELS_DIR'),
      DATA_DIR: table.get('DATA_DIR'),
    };
    const rest = {
      HOST: table.get('HOST'),
      LOG_FSYNC: table.get('LOG_FSYNC'),
      LOG_LEVEL: table.get('LOG_LEVEL'),
    };
    expect(parseConfiguration({ ...printed, ...rest })).toEqual(defaults);
    expect([...table.keys()]).toEqual([
      'PORT',
      'HOST',
      'MODELS_DIR',
      'MODEL',
      'DATA_DIR',
      'LOG_FSYNC',
      'LOG_LEVEL',
    ]);
  });
});
