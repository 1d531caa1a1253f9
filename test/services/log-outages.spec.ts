import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { AlertWatch } from '../../src/monitoring/alerts/alert-watch';
import { type Alert } from '../../src/monitoring/alerts/alert';
import { type OverviewData } from '../../src/monitoring/pages/overview/overview-data';
import { QueueingService } from '../factories/queueing-service';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { Service } from '../factories/service';
import { TcpProxy } from '../factories/tcp-proxy';

const SESSION_SECRET = 'what signs the ids of jobs that wait';

let postgres: PostgresServer;
/** Between the services and PostgreSQL. */
let proxy: TcpProxy;
let directUrl: string;
let proxiedUrl: string;
const told: { readonly level: string; readonly line: unknown }[] = [];

beforeAll(async () => {
  postgres = await PostgresServer.start();
});
afterAll(async () => {
  await postgres.remove();
});
beforeEach(async () => {
  directUrl = await postgres.createDatabase();
  proxy = await TcpProxy.to(postgres.port);
  const url = new URL(directUrl);
  url.port = String(proxy.port);
  proxiedUrl = url.href;
});
afterEach(async () => {
  await proxy.close();
  Logger.overrideLogger(false);
});

/** Takes what services that run tell from now on. */
function listen(): void {
  told.length = 0;
  const tell =
    (level: string) =>
    (line: unknown): void => {
      told.push({ level, line });
    };
  Logger.overrideLogger({ log: tell('log'), warn: tell('warn'), error: tell('error') });
}

/** Lines that hold a text. */
function lines(text: string): readonly unknown[] {
  return told.map(({ line }) => line).filter((line) => JSON.stringify(line).includes(text));
}

async function waitFor(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error(`What was waited for did not happen: ${what}`);
}

describe('a service whose PostgreSQL is away', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ STORAGE: 'postgres', DATABASE_URL: proxiedUrl });
    await service.post('/predict', service.exampleBody()).expect(200);
    await waitFor('the summary of the decision', async () => {
      const { traffic } = (await service.get('/monitoring/api').expect(200)).body as OverviewData;
      return (traffic?.totals.requests ?? 0) > 0;
    });
    listen();
  });
  afterEach(async () => {
    await proxy.heal();
    await service.remove();
  });

  const openPage = (path: string): ReturnType<Service['get']> => service.get(path).set('Accept', 'text/html');

  it('says so at the top of the overview with what to do, and counts what it answered meanwhile', async () => {
    await proxy.cut();
    for (let asked = 0; asked < 5; asked += 1) {
      await service.post('/predict', service.exampleBody()).expect(503);
    }
    const { text } = await openPage('/monitoring').expect(200);
    expect(text).toContain('Act now: Records');
    expect(text).toContain('5 requests failed on our side: 83.3%');
    expect(text).toMatch(/The prediction log in PostgreSQL cannot be written \([^)]+\): /);
    const french = await openPage('/monitoring?lang=fr').expect(200);
    expect(french.text).toContain('Le journal des prédictions est inutilisable depuis');

    await proxy.heal();
    await waitFor('the end of the outage', () => lines('is written again').length > 0);
    const { outages } = (await service.get('/monitoring/api').expect(200)).body as OverviewData;
    expect(outages).toMatchObject([{ unrecorded: { answers: 5, failed: 5 } }]);
    const after = await openPage('/monitoring').expect(200);
    expect(after.text).toContain('5 answers of this process left no record');
  });

  it('answers other pages with a readable 503 and Retry-After, their data with a problem, and logs no stack', async () => {
    await proxy.cut();
    for (const path of ['/monitoring/drift', '/monitoring/predictions']) {
      const { text } = await openPage(path).expect(503).expect('Retry-After', /^\d+$/);
      expect(text).toContain('This cannot be done now');
    }
    await service
      .get('/monitoring/api/drift')
      .expect(503)
      .expect(({ body }) => {
        expect(body).toMatchObject({ title: 'Records cannot be read now' });
      });
    await openPage('/monitoring/alerts').expect(200);
    await openPage('/monitoring/models').expect(200);
    expect(lines('requestId')).toEqual([]);
  });

  it('opens an alert at the next look after its return, though it could keep none before', async () => {
    await proxy.cut();
    await service.post('/predict', service.exampleBody()).expect(503);
    const watch = service.app.get(AlertWatch, { strict: false });
    await watch.look();
    await proxy.heal();
    await waitFor('the end of the outage', () => lines('is written again').length > 0);
    await waitFor('the alert', async () => {
      await watch.look();
      const { alerts } = (await service.get('/monitoring/api/alerts').expect(200)).body as {
        alerts: readonly Alert[];
      };
      return alerts.some(({ kind, state }) => kind === 'log_unavailable' && state === 'open');
    });
    await waitFor('its line in the log', () => lines('no decision is made without it').length === 1);
  });

  it('tells one line of the beginning and one of the end, with the sum, however many are refused', async () => {
    await proxy.cut();
    for (let round = 0; round < 10; round += 1) {
      const answers = Array.from({ length: 20 }, () => service.post('/predict', service.exampleBody()));
      for (const { status } of await Promise.all(answers)) expect(status).toBe(503);
    }
    await proxy.heal();
    await waitFor('the end of the outage', () => lines('is written again').length > 0);

    expect(lines('no decision is made until it can')).toHaveLength(1);
    expect(lines('is written again')).toEqual([expect.objectContaining({ answersWithoutRecord: 200 })]);
    expect(lines('left no record')).toEqual([]);
  });
});

describe('a worker whose PostgreSQL is away while jobs wait', () => {
  let broker: RabbitmqServer;
  beforeAll(async () => {
    broker = await RabbitmqServer.start();
  });
  afterAll(async () => {
    await broker.remove();
  });

  it('tells that no decision is made and why, and when they are made again', async () => {
    const start = (role: string, databaseUrl: string): Promise<QueueingService> =>
      QueueingService.start(broker.url, {
        ROLES: role,
        STORAGE: 'postgres',
        DATABASE_URL: databaseUrl,
        SESSION_SECRET,
      });
    const taker = await start('api', directUrl);
    const worker = await start('worker', proxiedUrl);
    listen();
    await proxy.cut();
    const jobId = await taker.queue();
    await waitFor('the line about the outage', () => lines('no decision is made until it can').length > 0);
    await proxy.heal();
    expect(await taker.outcome(jobId)).toMatchObject({ status: 'done' });
    await waitFor('the line about its end', () => lines('is written again').length > 0);

    expect(lines('no decision is made until it can')).toHaveLength(1);
    for (const { service } of [worker, taker]) await service.remove();
  });
});
