import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration } from '../../src/config/configuration';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { Settings } from '../../src/config/settings';
import {
  type ComposeService,
  networksOf,
  readCompose,
  readImageEnvironment,
  secretsOf,
} from './compose-file';
import { runPromtool } from './prometheus-process';

/** An instance answers and writes what there is within this, after its delay. */
const LONGEST_DRAIN_MS = 5_000;
const OUR_IMAGE = 'credit-scoring:latest';

const alone = readCompose();
const pages = readCompose('deploy/pages.env');
const scale = readCompose('deploy/scale.env');
const all = Object.entries(alone.services);
const ours = all.filter(([, { image }]) => image === OUR_IMAGE);
const servers = all.filter(([, { image }]) => image !== OUR_IMAGE);

/** Where `deploy/make-secrets` has been. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-'));
  cpSync('deploy', join(folder, 'deploy'), { recursive: true });
  execFileSync(join(folder, 'deploy/make-secrets'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the service in a container makes of its environment; secrets are read where they were made. */
function configure({ environment = {}, ...service }: ComposeService): Configuration {
  const places = [...secretsOf(service)].map(([name, target]): [string, string] => [
    target,
    join(folder, alone.secrets[name]?.file ?? 'not declared'),
  ]);
  const readable = Object.entries(environment).map(([key, value]) => [
    key,
    new Map(places).get(value) ?? value,
  ]);
  return parseConfiguration({
    ...readImageEnvironment(),
    ...(Object.fromEntries(readable) as Record<string, string>),
  });
}

function named(name: string): ComposeService {
  const service = alone.services[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return service;
}

describe('what docker compose up starts', () => {
  it('is one container on files and nothing else, unless it is told otherwise', () => {
    expect(alone.started).toEqual(['scoring']);
    const service = named('scoring');
    expect(service.volumes).toEqual(['credit-logs:/app/data/logs']);
    expect(configure(service)).toMatchObject({
      roles: ['api', 'monitoring'],
      http: { host: '0.0.0.0', port: 8000 },
      storage: { kind: 'file' },
      cache: { kind: 'memory' },
      queue: { kind: 'none' },
      access: { mode: 'on' },
    });
  });

  it('is two containers on one volume with deploy/pages.env: one decides, one shows', () => {
    expect(pages.started).toEqual(['scoring', 'pages']);
    const [first, second] = pages.started.map((name) => pages.services[name]);
    if (first === undefined || second === undefined) throw new Error('a service is missing');
    expect(configure(first)).toMatchObject({ roles: ['api'], http: { port: 8000 } });
    expect(configure(second)).toMatchObject({ roles: ['monitoring'], http: { port: 8501 } });
    expect(second.volumes).toEqual(first.volumes);
    expect(second.image).toBe(first.image);
    expect(second.ports).toEqual(['127.0.0.1:8501:8501']);
  });

  it('is three instances, a worker and all their servers with deploy/scale.env', () => {
    expect([...scale.started].sort()).toEqual(
      [
        ...['api-1', 'api-2', 'api-3', 'worker', 'nginx'],
        ...['postgres', 'redis', 'rabbitmq', 'prometheus', 'grafana'],
      ].sort(),
    );
    for (const name of ['api-1', 'api-2', 'api-3', 'worker']) {
      expect([name, configure(named(name))]).toMatchObject([
        name,
        {
          roles: name === 'worker' ? ['worker'] : ['api', 'monitoring'],
          storage: { kind: 'postgres' },
          cache: { kind: 'redis' },
          queue: { kind: 'rabbitmq', allowPrivateCallbacks: false },
          access: { mode: 'on', sessionSecret: expect.any(String) as string },
        },
      ]);
    }
  });
});

describe.each(ours)('%s, our image', (_name, service) => {
  it('runs with as little as it needs, and within limits', () => {
    expect(service).toMatchObject({
      build: '.',
      restart: 'unless-stopped',
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.deploy?.resources?.limits).toEqual({
      cpus: expect.stringMatching(/^\d/) as string,
      memory: expect.stringMatching(/^\d+[mg]$/) as string,
      pids: expect.any(Number) as number,
    });
  });

  it('is given no setting that the service does not know', () => {
    const known = Object.keys(new Settings()).flatMap((key) => [key, `${key}_FILE`]);
    expect(Object.keys(service.environment ?? {}).filter((key) => !known.includes(key))).toEqual([]);
  });

  it('has the time to stop that it asks for', () => {
    const [, seconds = ''] = /^(\d+)s$/.exec(service.stop_grace_period ?? '') ?? [];
    const { shutdownDelayMs } = configure(service).http;
    expect(1000 * Number(seconds)).toBeGreaterThan(shutdownDelayMs + LONGEST_DRAIN_MS);
  });

  it.each([
    { status: 200, exitCode: 0 },
    { status: 503, exitCode: 1 },
  ])('is healthy by its own port: exit $exitCode on a $status', async ({ status, exitCode }) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const [kind, ...command] = service.healthcheck?.test ?? [];
    const [program = '', ...words] = command;
    const PORT = String((server.address() as AddressInfo).port);
    const child = spawn(program, words, { env: { ...process.env, PORT }, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];
    server.close();
    expect([kind, code, asked]).toEqual(['CMD', exitCode, ['/health']]);
  });

  it('keeps nothing outside its volume: the folder that the image declares', () => {
    expect(readFileSync('Dockerfile', 'utf8')).toContain('VOLUME ["/app/data/logs"]');
    expect(service.volumes?.map((volume) => volume.split(':')[1])).toEqual(['/app/data/logs']);
  });
});

describe.each(servers)('%s, a server of others', (_name, service) => {
  it('has a version, limits, a health check and no privileges it can gain', () => {
    expect(service.image).toMatch(/^[a-z/]+:v?\d+(\.\d+)*(-[a-z]+)?$/);
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(Object.keys(service.deploy?.resources?.limits ?? {})).toEqual(['cpus', 'memory', 'pids']);
    expect(service.healthcheck?.test[0]).toMatch(/^CMD/);
  });
});

describe('compose.yaml', () => {
  it('opens ports on this machine only', () => {
    for (const { ports = [] } of [alone, pages, scale].flatMap(({ services }) => Object.values(services))) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    // What keeps the records is reached by the instances only.
    expect(scale.networks['back']).toEqual({ internal: true });
    for (const name of ['postgres', 'redis', 'rabbitmq']) {
      expect([...networksOf(named(name)).keys()]).toEqual(['back']);
      expect(named(name).ports).toBeUndefined();
    }
  });

  it('waits for those who have a health check, and names only what it declares', () => {
    for (const [, service] of all) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(condition).toBe('service_healthy');
        expect(named(other).healthcheck).toBeDefined();
      }
      for (const name of networksOf(service).keys()) expect(Object.keys(scale.networks)).toContain(name);
      for (const name of secretsOf(service).keys()) expect(Object.keys(scale.secrets)).toContain(name);
    }
  });

  it('mounts files that are there', () => {
    const sources = all.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    for (const source of sources) {
      if (source.startsWith('./')) expect([source, existsSync(source)]).toEqual([source, true]);
      else expect(Object.keys(scale.volumes)).toContain(source);
    }
    for (const { file } of Object.values(scale.secrets)) {
      expect([file, existsSync(join(folder, file))]).toEqual([file, true]);
    }
  });

  it('tells a secret only by its file', () => {
    const values = readdirSync(join(folder, 'secrets')).map((name) => `/run/secrets/${name}`);
    for (const [, { environment = {} }] of all) {
      for (const [key, value] of Object.entries(environment)) {
        if (/SECRET|PASSWORD|_URL_FILE/.test(key)) expect(values).toContain(value);
      }
    }
  });

  it('believes what nginx says about where a request came from, and nobody else', () => {
    const address = networksOf(named('nginx')).get('front');
    for (const name of ['api-1', 'api-2', 'api-3']) {
      expect(configure(named(name)).http.trustedProxies).toEqual([address]);
    }
  });

  it('lets nginx find an instance that does not run', () => {
    const places = ['api-1', 'api-2', 'api-3'].map(
      (name) => `${name}:${networksOf(named(name)).get('front') ?? ''}`,
    );
    expect(named('nginx').extra_hosts).toEqual(places);
  });

  it('gives each fixed address once, where none is given out by chance', () => {
    const addresses = all.flatMap(([, service]) => networksOf(service).get('front') ?? []);
    expect(new Set(addresses).size).toBe(addresses.length);
    const [network] = scale.networks['front']?.ipam?.config ?? [];
    expect(network).toEqual({ subnet: '10.213.0.0/24', ip_range: '10.213.0.128/25' });
    for (const address of addresses) expect(address).toMatch(/^10\.213\.0\.1?\d{1,2}$/);
    for (const address of addresses) expect(Number(address.split('.')[3])).toBeLessThan(128);
  });
});

describe('the parts know each other', () => {
  /** Name and port of everything that answers by HTTP and decides or works. */
  const instances = scale.started
    .filter((name) => named(name).image === OUR_IMAGE)
    .map((name) => `${name}:${named(name).environment?.['PORT'] ?? ''}`);

  it('nginx asks the instances that decide, each by its port', () => {
    const text = readFileSync('deploy/nginx/nginx.conf', 'utf8');
    const deciding = instances.filter((address) => address.startsWith('api-'));
    const asked = [...text.matchAll(/^\s*server (\S+:\d+) (\w*)/gm)].map(([, ...words]) => words);
    expect(asked).toEqual([
      ...deciding.map((address) => [address, 'max_fails']),
      ...deciding.map((address) => [address, 'backup']),
    ]);
    expect(text).toContain('listen 8080 ');
    expect(named('nginx').ports).toEqual(['127.0.0.1:8000:8080']);
    expect(named('nginx').healthcheck?.test).toContain('http://127.0.0.1:8080/nginx-health');
  });

  it('nginx leaves an instance that stops out until it has stopped', () => {
    const text = readFileSync('deploy/nginx/nginx.conf', 'utf8');
    const seconds = [...text.matchAll(/fail_timeout=(\d+)s/g)].map(([, number]) => Number(number));
    const { shutdownDelayMs } = configure(named('api-1')).http;
    expect(1000 * Math.min(...seconds)).toBeGreaterThan(shutdownDelayMs);
  });

  it('Prometheus asks each of them, with a key', () => {
    const file = 'deploy/prometheus/prometheus.scale.yml';
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(/targets: (\[.*\])/.exec(text)?.[1]?.replaceAll("'", '"') ?? '')).toEqual(instances);
    expect(secretsOf(named('prometheus')).get('prometheus_key')).toBe('/run/secrets/prometheus_key');
    expect(text).toContain('credentials_file: /run/secrets/prometheus_key');
    expect(runPromtool(['check', 'config', '--syntax-only', file])).toMatchObject({ passed: true });
  });

  it('Redis drops, when it is full, what was not used for the longest time, and nothing that has no end', () => {
    const command = named('redis').command?.at(-1);
    expect(command).toMatch(/ --maxmemory \d+mb /);
    expect(command).toMatch(/ --maxmemory-policy volatile-lru$/);
  });

  it('Grafana finds Prometheus where its data source looks', () => {
    expect(named('grafana').environment?.['PROMETHEUS_URL']).toBe('http://prometheus:9090');
    expect(readFileSync('deploy/grafana/provisioning/datasources/prometheus.yml', 'utf8')).toContain(
      'url: $PROMETHEUS_URL',
    );
    expect(readFileSync('deploy/grafana/provisioning/dashboards/credit-scoring.yml', 'utf8')).toContain(
      'path: /var/lib/grafana/dashboards',
    );
  });
});

describe('deploy/make-secrets', () => {
  const read = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8').trim();

  it('makes addresses of the servers with the passwords these are started with', () => {
    expect(read('database_url')).toBe(
      `postgresql://scoring:${read('postgres_password')}@postgres:5432/scoring`,
    );
    expect(read('redis_url')).toBe(`redis://:${read('redis_password')}@redis:6379/0`);
    const [, password = ''] =
      /^default_user = scoring\ndefault_pass = (\S+)$/.exec(read('rabbitmq.conf')) ?? [];
    expect(read('rabbitmq_url')).toBe(`amqp://scoring:${password}@rabbitmq:5672`);
    const made = [
      'postgres_password',
      'redis_password',
      'session_secret',
      'callback_secret',
      'grafana_password',
    ];
    expect(new Set([...made.map(read), password]).size).toBe(made.length + 1);
    for (const name of made) expect(read(name)).toMatch(/^[0-9a-f]{48}$/);
  });

  it('lets nobody else into its folder, which git ignores', () => {
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    // Nor into one that was there before it came.
    chmodSync(join(folder, 'secrets'), 0o755);
    execFileSync(join(folder, 'deploy/make-secrets'));
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    expect(readFileSync('.gitignore', 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['/secrets/', '.env']),
    );
  });

  it('keeps what is there', () => {
    const before = readdirSync(join(folder, 'secrets')).map((name) => [name, read(name)]);
    execFileSync(join(folder, 'deploy/make-secrets'));
    expect(readdirSync(join(folder, 'secrets')).map((name) => [name, read(name)])).toEqual(before);
  });
});
