import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { Settings } from '../../src/config/settings';
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
      [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| (?:`([^`]+)`)?/gm)].map((row) => [row[1] ?? '', row[2]]),
    );
    const printed = Object.fromEntries([...table].filter(([key]) => key !== 'MODEL'));
    expect(parseConfiguration(printed)).toEqual(parseConfiguration({}));
    // Each setting has a rule, or the environment would not be checked against it.
    const settings = getMetadataStorage()
      .getTargetValidationMetadatas(Settings, '', false, false)
      .map(({ propertyName }) => propertyName);
    expect([...table.keys()].sort()).toEqual([...new Set(settings)].sort());
  });
});
