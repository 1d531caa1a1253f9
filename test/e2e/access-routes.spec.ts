import { METHOD_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { type Express } from 'express';
import request from 'supertest';
import { ROUTE_ACCESS } from '../../src/auth/route-access.decorator';
import { type Scope, SCOPES } from '../../src/common/http/identity';
import { GuardedService } from '../factories/access';
import { problemOf } from '../factories/problem';

/** Everything that is shown to whoever asks; a new entry here is a decision. */
const OPEN: ReadonlySet<string> = new Set([
  'GET /',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /docs',
  'GET /docs/',
  'GET /docs/index.html',
  'GET /docs/LICENSE',
  'GET /docs/swagger-ui-init.js',
  'GET /docs/docs/swagger-ui-init.js',
  'GET /docs-json',
  'GET /docs-yaml',
  'GET /monitoring/assets/:name',
  'GET /monitoring/login',
  'POST /monitoring/login',
]);

/** Which scope an address needs, by its beginning (design, section 4). */
const SCOPES_OF: readonly (readonly [RegExp, Scope])[] = [
  [/^\/predict(\/|$)/, 'predict'],
  [/^\/predictions(\/|$)/, 'records'],
  [/^\/metrics$/, 'monitor'],
  [/^\/monitoring(\/|$)/, 'monitor'],
];

/** What stands before and behind the routes: Nest's own, and the headers and files of Swagger UI. */
const MOUNTS = ['<anonymous>', 'helmetMiddleware', 'serveStatic', '<anonymous>', '<anonymous>'];

interface Layer {
  readonly name: string;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
}

let guarded: GuardedService;
let layers: readonly Layer[];
let routes: { method: string; path: string }[];
beforeAll(async () => {
  // With every room that has routes; nothing listens on port 1, and the broker is not asked before the guard.
  guarded = await GuardedService.start({ QUEUE: 'rabbitmq', RABBITMQ_URL: 'amqp://127.0.0.1:1' });
  const app = guarded.service.app.getHttpAdapter().getInstance() as Express;
  layers = app.router.stack as unknown as readonly Layer[];
  routes = layers.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => ({
          method: method.toUpperCase(),
          path: String(route.path),
        })),
  );
});
afterAll(() => guarded.service.remove());

function ask({ method, path }: { method: string; path: string }): request.Test {
  const address = path.replace(/:\w+/g, 'x');
  const asking = request(guarded.service.server);
  return (method === 'POST' ? asking.post(address) : asking.get(address)).set('Accept', 'application/json');
}

const closed = (): { method: string; path: string }[] =>
  routes.filter(({ method, path }) => !OPEN.has(`${method} ${path}`));

function scopeOf(path: string): Scope {
  const found = SCOPES_OF.find(([pattern]) => pattern.test(path));
  if (found === undefined) throw new Error(`${path} is neither open nor has it a scope here`);
  return found[1];
}

describe('every route of the service', () => {
  it('is found by this walk: GET and POST only, and nothing mounted beside the routes', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect([...new Set(routes.map(({ method }) => method))].sort()).toEqual(['GET', 'POST']);
    expect(layers.filter(({ route }) => route === undefined).map(({ name }) => name)).toEqual(MOUNTS);
    const found = routes.map(({ method, path }) => `${method} ${path}`);
    expect([...OPEN].filter((route) => !found.includes(route))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(['POST /predict/async', 'GET /predict/async/:jobId']));
  });

  it('declares a scope, or that it is open', () => {
    const container = guarded.service.app.get(ModulesContainer);
    const undeclared: string[] = [];
    let handlers = 0;
    for (const { controllers } of container.values()) {
      for (const { metatype } of controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const prototype = metatype.prototype as Record<string, object>;
        for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
          const handler = prototype[name];
          if (handler === undefined || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
          handlers++;
          const access: unknown =
            Reflect.getMetadata(ROUTE_ACCESS, handler) ?? Reflect.getMetadata(ROUTE_ACCESS, metatype);
          if (access !== 'nothing' && !SCOPES.some((scope) => scope === access)) {
            undeclared.push(`${metatype.name}.${name}`);
          }
        }
      }
    }
    expect(handlers).toBeGreaterThan(25);
    expect(undeclared).toEqual([]);
  });

  it('answers nobody without a key, unless it is open', async () => {
    for (const route of closed()) {
      const response = await ask(route);
      expect({ ...route, status: response.status }).toEqual({ ...route, status: 401 });
      expect(response.headers['www-authenticate']).toBe('Bearer realm="credit-scoring"');
      problemOf(response);
    }
  });

  it('answers no key without its scope: 403 that names it', async () => {
    for (const route of closed()) {
      const scope = scopeOf(route.path);
      const key = await guarded.key({ scopes: SCOPES.filter((other) => other !== scope), tenant: '*' });
      const response = await ask(route).set('X-API-Key', key);
      expect({ ...route, status: response.status }).toEqual({ ...route, status: 403 });
      expect(problemOf(response).detail).toBe(`This needs the scope ${scope}.`);
      expect(response.headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${scope}"`);
    }
  });

  it('lets a key with its scope alone through to its own answer', async () => {
    for (const route of closed()) {
      const key = await guarded.key({ scopes: [scopeOf(route.path)] });
      const { status } = await ask(route).set('X-API-Key', key);
      expect({ ...route, refused: [401, 403].includes(status) }).toEqual({ ...route, refused: false });
    }
  });

  it('that is open asks for nothing', async () => {
    for (const route of routes.filter(({ method, path }) => OPEN.has(`${method} ${path}`))) {
      if (route.method === 'POST') continue; // The log-in answers in access-pages.spec.ts.
      expect([401, 403]).not.toContain((await ask(route)).status);
    }
  });

  it('is described with its scope in the API description', async () => {
    const { paths, components } = (await guarded.service.get('/docs-json').expect(200)).body as {
      paths: Record<
        string,
        Record<string, { security?: unknown; responses: Record<string, { description: string }> }>
      >;
      components: { securitySchemes: Record<string, unknown> };
    };
    expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'key']);
    for (const [path, methods] of Object.entries(paths)) {
      for (const operation of Object.values(methods)) {
        if (path.startsWith('/health')) expect(operation.security).toBeUndefined();
        else expect(operation.responses['403']?.description).toContain(`the scope ${scopeOf(path)}`);
        expect(operation).not.toHaveProperty('x-required-scope');
      }
    }
  });
});
