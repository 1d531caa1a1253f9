import { ReadinessConditions } from '../../src/common/readiness-conditions';
import { Readiness } from '../../src/health/readiness';
import { Service } from '../factories/service';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  readonly components: {
    readonly schemas: Record<
      string,
      { properties?: Record<string, { example?: unknown; $ref?: string; allOf?: unknown }> }
    >;
  };
}

describe('health', () => {
  it.each(['/health', '/health/ready'])(
    '%s says that the service decides: model, log, version',
    async (path) => {
      const response = await service.get(path).expect(200);
      expect(response.body).toMatchObject({
        status: 'ok',
        modelLoaded: true,
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
        model: service.model.identity,
        log: { available: true, damagedLines: 0 },
      });
    },
  );

  it('/health/live says that the process answers', async () => {
    expect((await service.get('/health/live').expect(200)).body).toEqual({ status: 'ok' });
  });
});

describe('a service with a room that goes on starting', () => {
  it.each(['/health', '/health/ready'])(
    'is alive, and %s answers 503 with the reason until it is done',
    async (path) => {
      const starting = await Service.start();
      let reason: string | undefined = 'The room is still reading.';
      starting.app.get(ReadinessConditions, { strict: false }).add(() => reason);
      await starting.get('/health/live').expect(200);
      const response = await starting.get(path).expect(503);
      expect(response.body).toMatchObject({
        status: 'unavailable',
        log: { available: true },
        reason: 'The room is still reading.',
      });
      reason = undefined;
      expect((await starting.get(path).expect(200)).body).not.toHaveProperty('reason');
      await starting.remove();
    },
  );
});

describe('a service that is stopping', () => {
  it('is alive, and not ready: 503 with the reason', async () => {
    const stopping = await Service.start();
    stopping.app.get(Readiness, { strict: false }).beforeApplicationShutdown();
    await stopping.get('/health/live').expect(200);
    const response = await stopping.get('/health/ready').expect(503);
    expect(response.body).toMatchObject({ status: 'unavailable', reason: 'The service is stopping.' });
    await stopping.remove();
  });
});

describe('/docs', () => {
  it('is where the bare address leads', async () => {
    expect((await service.get('/').expect(302)).headers['location']).toBe('/docs');
  });

  it('runs under a policy without inline scripts, and everything it loads is served here', async () => {
    const page = await service.get('/docs').expect(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      await service.get(new URL(source, 'http://host/docs').pathname).expect(200);
    }
  });

  it('lists decisions first, and every group of routes', async () => {
    const { tags, paths } = (await service.get('/docs-json').expect(200)).body as {
      tags: { name: string; description: string }[];
      paths: Record<string, Record<string, { tags: string[] }>>;
    };
    expect(tags[0]).toEqual({ name: 'predictions', description: 'Decide on applications' });
    const used = Object.values(paths).flatMap((path) => Object.values(path).flatMap((route) => route.tags));
    expect(tags.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  });

  it('offers an example that is accepted as it stands', async () => {
    const { components } = (await service.get('/docs-json').expect(200)).body as OpenApi;
    const example = (name: string): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(components.schemas[name]?.properties ?? {}).map(([property, schema]) => [
          property,
          property === 'protected' ? example('ProtectedAttributes') : schema.example,
        ]),
      );
    await service.post('/predict', example('Application')).expect(200);
  });

  it('offers a CSV batch that is accepted as it stands', async () => {
    const document = (await service.get('/docs-json').expect(200)).body as {
      paths: Record<string, { post: { requestBody: { content: Record<string, { example?: string }> } } }>;
    };
    const { example } = document.paths['/predict/batch']?.post.requestBody.content['text/csv'] ?? {};
    const response = await service
      .post('/predict/batch', undefined)
      .set('Content-Type', 'text/csv')
      .send(example)
      .expect(200);
    expect(response.text.split('\n')[1]).toMatch(/^1,[0-9a-f-]{36},client-0001,0\.\d+,\d+,[A-Z]+,$/);
  });

  it('describes every route with its problems', async () => {
    const { openapi, paths } = (await service.get('/docs-json').expect(200)).body as OpenApi;
    expect(openapi).toMatch(/^3\./);
    expect(Object.keys(paths).sort()).toEqual([
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/monitoring/api',
      '/monitoring/api/alerts',
      '/monitoring/api/drift',
      '/monitoring/api/drift/{input}',
      '/monitoring/api/models',
      '/monitoring/api/predictions',
      '/monitoring/api/predictions/{id}',
      '/predict',
      '/predict/batch',
      '/predictions',
      '/predictions/{id}',
      '/predictions/{id}/replay',
    ]);
    expect(Object.keys(paths['/predict']?.['post']?.responses ?? {})).toEqual([
      '200',
      '400',
      '409',
      '413',
      '415',
      '421',
      '422',
      '429',
      '503',
    ]);
  });

  it('refers to nothing that is not there', async () => {
    const text = (await service.get('/docs-json').expect(200)).text;
    const document = JSON.parse(text) as OpenApi;
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? '');
    }
  });
});
