import { once } from 'node:events';
import { type Server, type ServerResponse } from 'node:http';
import request from 'supertest';
import { problemOf } from '../../test/factories/problem';
import { ANONYMOUS } from '../common/http/identity';
import { LeanExpressAdapter } from '../common/http/lean-express-adapter';
import { ProblemException } from '../common/http/problem';
import { sendProblem } from '../common/http/send-problem';
import { type ServiceRequest } from '../common/http/service-request';
import { MemoryRateLimitStore } from './memory-rate-limit-store';
import { type Allowance, type RateLimitStore } from './rate-limit-store';
import { RateLimits } from './rate-limits';

let adapter: LeanExpressAdapter;
let server: Server;
afterEach(() => adapter.close());

/** Answers later, as a store on another machine does. */
class DistantStore implements RateLimitStore {
  private readonly store = new MemoryRateLimitStore(60);

  take(...taken: Parameters<RateLimitStore['take']>): Promise<Allowance> {
    return Promise.resolve(this.store.take(...taken));
  }
}

/**
 * Three requests a minute. `X-API-Key: tenant name` is a valid key of that caller, `wrong` is none; the route
 * `/rows/:count` has that many rows.
 */
async function serve(
  callers: RateLimitStore = new MemoryRateLimitStore(60),
  identifies = true,
): Promise<void> {
  const limit = { requests: 3, windowSeconds: 60 };
  const limits = new RateLimits(limit, identifies, new MemoryRateLimitStore(60), callers);
  adapter = new LeanExpressAdapter();
  adapter.addGate((message, response) => limits.admitAddress(message, response));
  adapter.initHttpServer();
  const handle = async (message: ServiceRequest, response: ServerResponse): Promise<void> => {
    const key = message.headers['x-api-key'];
    const [tenant = '', name] = typeof key === 'string' ? key.split(' ') : [];
    try {
      if (name !== undefined) message.identity = { name, tenant, scopes: ['predict'], method: 'key' };
      else if (!identifies) message.identity = ANONYMOUS;
      else throw new ProblemException('unauthorized', 'Send a key.');
      await limits.admitCaller(message, response);
      await limits.admitRows(message, response, Number(message.params['count'] ?? 1));
      response.end();
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      sendProblem(response, error.document, error.options.headers);
    }
  };
  adapter.get('/', handle);
  adapter.get('/rows/:count', handle);
  server = adapter.getHttpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

const ask = (path: string, key?: string): request.Test => {
  const question = request(server).get(path);
  return key === undefined ? question : question.set('X-API-Key', key);
};

async function askOften(count: number, path: string, key?: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await ask(path, key)).status);
  return statuses;
}

describe('RateLimits', () => {
  it.each([
    ['in this process', () => new MemoryRateLimitStore(60)],
    ['elsewhere', () => new DistantStore()],
  ])('counts known callers by name, apart from their address (%s)', async (_where, open) => {
    await serve(open());
    expect(await askOften(4, '/', 'bank anna')).toEqual([200, 200, 200, 429]);
    expect(await askOften(4, '/', 'bank bert')).toEqual([200, 200, 200, 429]);
    expect(await askOften(4, '/', 'shop anna')).toEqual([200, 200, 200, 429]);
    const refused = await ask('/', 'bank anna');
    expect(problemOf(refused).detail).toMatch(/^The limit of this caller is 3 requests in 60 seconds/);
    expect(refused.headers['ratelimit-policy']).toBe('"caller";q=3;w=60');
    expect(await askOften(1, '/')).toEqual([401]);
  });

  it('counts by address who brings no credential', async () => {
    await serve();
    expect(await askOften(4, '/')).toEqual([401, 401, 401, 429]);
    expect(await askOften(1, '/', 'bank anna')).toEqual([200]);
  });

  it('lets wrong credentials be tried ten times as often, then closes the address', async () => {
    await serve();
    expect(await askOften(30, '/', 'wrong')).toEqual(Array.from({ length: 30 }, () => 401));
    expect(await askOften(1, '/', 'wrong')).toEqual([429]);
  });

  it('takes a credential for nothing where nobody is identified', async () => {
    await serve(undefined, false);
    expect(await askOften(4, '/', 'wrong')).toEqual([200, 200, 200, 429]);
  });

  it('counts a batch by its rows', async () => {
    await serve();
    const answer = await ask('/rows/2', 'bank anna').expect(200);
    expect(answer.headers['ratelimit']).toMatch(/^"caller";r=1;t=\d+$/);
    const refused = await ask('/rows/3', 'bank anna').expect(429);
    expect(problemOf(refused).detail).toMatch(/Try again in \d+ seconds/);
  });

  it('tells who sends a batch above the limit that waiting does not help', async () => {
    await serve();
    const refused = await ask('/rows/4', 'bank anna').expect(429);
    expect(problemOf(refused).detail).toMatch(/a batch counts by its rows\. Send smaller batches\.$/);
  });
});
