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
      [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| (?:`([^`]+)`)?/gm)].map((row) => [row[1] ?? '', row[2]]),
    );
    const printed = Object.fromEntries([...table].filter(([key]) => key !== 'MODEL'));
    expect(parseConfiguration(printed)).toEqual(parseConfiguration({}));
    expect([...table.keys()]).toEqual([
      'ROLES',
      'PORT',
      'HOST',
      'MODELS_DIR',
      'MODEL',
      'DATA_DIR',
      'STORAGE',
      'DATABASE_URL',
      'CACHE',
      'REDIS_URL',
      'CACHE_PREDICTIONS',
      'QUEUE',
      'RABBITMQ_URL',
      'CALLBACK_SECRET',
      'CALLBACK_PRIVATE',
      'LOG_FSYNC',
      'AUTH',
      'API_KEYS_FILE',
      'SESSION_SECRET',
      'JWT_JWKS',
      'JWT_ISSUER',
      'JWT_AUDIENCE',
      'JWT_ALGORITHMS',
      'RATE_LIMIT',
      'TRUST_PROXY',
      'CORS_ORIGINS',
      'DRIFT_CRON',
      'DRIFT_WINDOW_HOURS',
      'DRIFT_MIN_ROWS',
      'DRIFT_PSI',
      'DRIFT_FDR',
      'ALERT_ERROR_RATE',
      'ALERT_LATENCY_P95_MS',
      'ALERT_SILENCE_MINUTES',
      'ALERT_COOLDOWN_MINUTES',
      'ALERT_WEBHOOK_URL',
      'ALERT_WEBHOOK_SECRET',
      'ALERT_WEBHOOK_PRIVATE',
      'RETENTION_DAYS',
      'SHUTDOWN_DELAY_MS',
      'LOG_LEVEL',
    ]);
  });
});
