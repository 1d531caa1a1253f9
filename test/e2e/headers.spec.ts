import { type Response } from 'supertest';
import request from 'supertest';
import { Service } from '../factories/service';

let service: Service;

/** Tests of one service with these settings. */
function withSettings(settings: Readonly<Record<string, string>>, tests: () => void): void {
  const title = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  describe(title.length > 0 ? `with ${title.join(' ')}` : 'by default', () => {
    beforeAll(async () => {
      service = await Service.start(settings);
    });
    afterAll(() => service.remove());
    tests();
  });
}

/** Everything the service answers, by kind: decisions, problems, pages, files, redirects and documents. */
const KINDS: readonly (readonly [what: string, ask: () => request.Test])[] = [
  ['a decision', () => service.post('/predict', service.exampleBody())],
  ['a refusal', () => service.post('/predict', {})],
  ['a page of records', () => service.get('/predictions')],
  ['an address that does not exist', () => service.get('/nowhere')],
  ['another method', () => service.get('/predict')],
  ['the methods of an address', () => request(service.server).options('/predict')],
  ['a redirect', () => service.get('/')],
  ['health', () => service.get('/health')],
  ['metrics', () => service.get('/metrics')],
  ['the API description', () => service.get('/docs-json')],
  ['Swagger UI', () => service.get('/docs')],
  ['a script of Swagger UI', () => service.get('/docs/swagger-ui-bundle.js')],
  ['a page', () => service.get('/monitoring')],
  ['data of a page', () => service.get('/monitoring/api')],
];

/** What would tell an attacker which holes to look for. */
const SOFTWARE = /express|nest|node\b|swagger/i;

describe('headers', () => {
  withSettings({}, () => {
    it.each(KINDS)('of %s: nothing is guessed or framed, and no software is named', async (_what, ask) => {
      const { headers } = await ask();
      expect(headers['x-content-type-options']).toBe('nosniff');
      const policy = headers['content-security-policy'] as string;
      expect(policy).toMatch(/default-src '(none|self)'/);
      expect(policy).toMatch(/frame-ancestors '(none|self)'/);
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('strict-transport-security');
      const { 'content-security-policy': _policy, ...others } = headers as Record<string, string>;
      expect(JSON.stringify(others)).not.toMatch(SOFTWARE);
    });

    it.each(['/predictions', '/predictions/nowhere', '/nowhere', '/health', '/metrics', '/monitoring'])(
      'of %s: nothing is kept by caches',
      async (path) => {
        expect((await service.get(path)).headers['cache-control']).toBe('no-store');
      },
    );
  });

  describe('Strict-Transport-Security', () => {
    const secure = (): request.Test => service.get('/health').set('X-Forwarded-Proto', 'https');

    withSettings({ TRUST_PROXY: '127.0.0.1' }, () => {
      it('is sent to who came over https, as the proxy says', async () => {
        expect((await secure()).headers['strict-transport-security']).toBe('max-age=31536000');
        expect((await service.get('/health')).headers).not.toHaveProperty('strict-transport-security');
      });
    });

    withSettings({ TRUST_PROXY: '10.0.0.1' }, () => {
      it('is not sent because somebody else says so', async () => {
        expect((await secure()).headers).not.toHaveProperty('strict-transport-security');
      });
    });
  });
});

describe('scripts of other origins', () => {
  const DESK = 'https://desk.example.org';
  const from = (origin: string, path = '/predictions'): request.Test =>
    service.get(path).set('Origin', origin);
  const preflight = (origin: string): request.Test =>
    request(service.server)
      .options('/predict')
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'content-type, x-api-key');
  const allowances = ({ headers }: Response): string[] =>
    Object.keys(headers as object).filter((name) => name.startsWith('access-control-'));

  withSettings({}, () => {
    it('may read nothing', async () => {
      expect(allowances(await from(DESK))).toEqual([]);
      expect(allowances(await preflight(DESK))).toEqual([]);
    });
  });

  withSettings({ CORS_ORIGINS: `${DESK},http://localhost:3000` }, () => {
    it('may read answers when their origin is named, and caches are told', async () => {
      const answer = await from(DESK).expect(200);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': DESK,
        'access-control-expose-headers': expect.stringContaining('Retry-After') as string,
        vary: 'Origin',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      const problem = await from('http://localhost:3000', '/nowhere').expect(404);
      expect(problem.headers['access-control-allow-origin']).toBe('http://localhost:3000');
    });

    it('are told in a preflight what they may send', async () => {
      const answer = await preflight(DESK).expect(204);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': DESK,
        'access-control-allow-methods': 'GET, POST',
        'access-control-max-age': '7200',
        vary: 'Origin',
      });
      const sent = ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-request-id'];
      const allowed = (answer.headers['access-control-allow-headers'] as string).toLowerCase();
      expect(allowed.split(', ').sort()).toEqual(sent);
    });

    it.each([
      'https://evil.example',
      'https://desk.example.org.evil.example',
      'https://evil-desk.example.org',
      'https://sub.desk.example.org',
      'http://desk.example.org',
      'https://desk.example.org:8443',
      'https://desk.example.org/',
      'HTTPS://DESK.EXAMPLE.ORG',
      'null',
      '*',
      '',
    ])('from %j may not, and are not reflected', async (origin) => {
      const answer = await from(origin).expect(200);
      expect(allowances(answer)).toEqual([]);
      expect(answer.headers['vary']).toBe('Origin');
      expect(allowances(await preflight(origin))).toEqual([]);
    });

    it('get answers that depend on what their route names as well', async () => {
      const answer = await service.post('/predict/batch', [service.exampleBody()]).set('Origin', DESK);
      expect(answer.headers['vary']).toBe('Origin, Accept');
    });
  });

  withSettings({ CORS_ORIGINS: '*' }, () => {
    it('may all read, and never with cookies', async () => {
      const answer = await from('https://anywhere.example').expect(200);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      expect(answer.headers).not.toHaveProperty('vary');
    });
  });
});
