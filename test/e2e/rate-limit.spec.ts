import { type Response } from 'supertest';
import { type RecordsPage } from '../../src/logging/records.service';
import { GuardedService } from '../factories/access';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let service: Service | undefined;
afterEach(async () => {
  await service?.remove();
  service = undefined;
});

async function start(settings: Readonly<Record<string, string>>): Promise<Service> {
  service = await Service.start(settings);
  return service;
}

/** Statuses of so many questions, one after the other. */
async function ask(count: number, question: () => PromiseLike<Response>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await question()).status);
  return statuses;
}

describe('rate limits', () => {
  it('answer 429 beyond the limit, with what the limit is and when to come back', async () => {
    const limited = await start({ RATE_LIMIT: '2/60' });
    const body = limited.exampleBody();
    const first = await limited.post('/predict', body).expect(200);
    expect(first.headers['ratelimit-policy']).toBe('"address";q=2;w=60');
    expect(first.headers['ratelimit']).toMatch(/^"address";r=1;t=\d+$/);
    await limited.post('/predict', body).expect(200);

    const refused = await limited.post('/predict', body).expect(429);
    const problem = problemOf(refused);
    expect(problem.type).toBe('urn:credit-scoring:problem:rate-limit-exceeded');
    expect(problem.detail).toMatch(
      /^The limit of this address is 2 requests in 60 seconds, .* Try again in \d+ seconds\.$/,
    );
    const wait = Number(refused.headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers).toMatchObject({
      ratelimit: `"address";r=0;t=${wait}`,
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(wait),
    });
  });

  it('give everything back when the window ends', async () => {
    const limited = await start({ RATE_LIMIT: '1/1' });
    expect(await ask(2, () => limited.get('/predictions'))).toEqual([200, 429]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await ask(1, () => limited.get('/predictions'))).toEqual([200]);
  });

  it('count addresses that do not exist as well', async () => {
    const limited = await start({ RATE_LIMIT: '2/60' });
    expect(await ask(3, () => limited.get('/nowhere'))).toEqual([404, 404, 429]);
  });

  it('count a batch by its rows, and decide on none of them beyond the limit', async () => {
    const limited = await start({ RATE_LIMIT: '5/60' });
    const rows = (count: number): object[] => Array.from({ length: count }, () => limited.exampleBody());
    const answer = await limited.post('/predict/batch', rows(3)).expect(200);
    expect(answer.headers['ratelimit']).toMatch(/^"address";r=2;t=\d+$/);
    problemOf(await limited.post('/predict/batch', rows(3)).expect(429));
    const records = await limited.get('/predictions').expect(200);
    expect((records.body as RecordsPage).items).toHaveLength(3);
  });

  it('leave health and metrics alone', async () => {
    const limited = await start({ RATE_LIMIT: '1/60' });
    await limited.get('/docs-json').expect(200);
    for (const path of ['/health', '/health/live', '/health/ready', '/metrics']) {
      expect(await ask(3, () => limited.get(path))).toEqual([200, 200, 200]);
    }
    await limited.get('/healthy').expect(429);
  });

  it('are off without access control, where all callers are on this machine', async () => {
    const open = await start({});
    const answer = await open.post('/predict', open.exampleBody()).expect(200);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });

  it('are described for every route that has one', async () => {
    const open = await start({});
    const document = await open.get('/docs-json').expect(200);
    const { paths } = document.body as { paths: Record<string, Record<string, { responses: object }>> };
    const unlimited = Object.entries(paths)
      .filter(([, item]) => Object.values(item).some(({ responses }) => !('429' in responses)))
      .map(([path]) => path);
    expect(unlimited.sort()).toEqual(['/health', '/health/live', '/health/ready', '/metrics']);
  });

  describe('with access control', () => {
    it('count callers by name, whatever key and address they use', async () => {
      const guarded = await GuardedService.start({ RATE_LIMIT: '2/60' });
      service = guarded.service;
      const { service: limited } = guarded;
      const first = await guarded.key({ name: 'anna' });
      const second = await guarded.key({ name: 'anna' });
      const other = await guarded.key({ name: 'bert' });
      const by = (key: string) => () => limited.get('/predictions').set('X-API-Key', key);
      const answer = await by(first)().expect(200);
      expect(answer.headers['ratelimit']).toMatch(/^"caller";r=1;t=\d+$/);
      expect(await ask(2, by(second))).toEqual([200, 429]);
      expect(await ask(2, by(other))).toEqual([200, 200]);
    });

    it('count by address who is not let in, and nobody else', async () => {
      const guarded = await GuardedService.start({ RATE_LIMIT: '2/60' });
      service = guarded.service;
      const { service: limited } = guarded;
      const key = await guarded.key();
      expect(await ask(3, () => limited.get('/predictions'))).toEqual([401, 401, 429]);
      await limited.get('/predictions').set('X-API-Key', key).expect(200);
    });

    it('let a key that monitors scrape as often as it likes', async () => {
      const guarded = await GuardedService.start({ RATE_LIMIT: '1/60' });
      service = guarded.service;
      const key = await guarded.key({ scopes: ['monitor'] });
      const scrape = () => guarded.service.get('/metrics').set('X-API-Key', key);
      expect(await ask(3, scrape)).toEqual([200, 200, 200]);
    });
  });

  describe('behind a proxy', () => {
    const from = (limited: Service, forwardedFor: string) => () =>
      limited.get('/predictions').set('X-Forwarded-For', forwardedFor);

    it('count the address it names, the last one that is no proxy', async () => {
      const limited = await start({ RATE_LIMIT: '1/60', TRUST_PROXY: '127.0.0.1,10.0.0.0/8' });
      expect(await ask(2, from(limited, '203.0.113.1'))).toEqual([200, 429]);
      expect(await ask(2, from(limited, '203.0.113.2'))).toEqual([200, 429]);
      // What stands before it is the caller's own text.
      expect(await ask(1, from(limited, '198.51.100.9, 203.0.113.1, 10.0.0.3'))).toEqual([429]);
    });

    it('count an IPv6 network of 64 bits as one', async () => {
      const limited = await start({ RATE_LIMIT: '1/60', TRUST_PROXY: '127.0.0.1' });
      expect(await ask(1, from(limited, '2001:db8:1:2::1'))).toEqual([200]);
      expect(await ask(1, from(limited, '2001:db8:1:2:ffff::9'))).toEqual([429]);
      expect(await ask(1, from(limited, '2001:db8:1:3::1'))).toEqual([200]);
    });

    it('believe nobody that TRUST_PROXY does not name', async () => {
      const limited = await start({ RATE_LIMIT: '1/60', TRUST_PROXY: '10.0.0.1' });
      expect(await ask(1, from(limited, '203.0.113.1'))).toEqual([200]);
      expect(await ask(1, from(limited, '203.0.113.2'))).toEqual([429]);
    });
  });
});
