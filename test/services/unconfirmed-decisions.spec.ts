import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Response } from 'supertest';
import { problemOf } from '../factories/problem';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';
import { TcpProxy } from '../factories/tcp-proxy';

let server: PostgresServer;
let proxy: TcpProxy;
let service: Service;
/** Beside the proxy. */
let session: Client;
beforeAll(async () => {
  server = await PostgresServer.start();
  const address = new URL(await server.createDatabase());
  session = new Client({ connectionString: address.href });
  await session.connect();
  proxy = await TcpProxy.to(Number(address.port));
  address.port = String(proxy.port);
  service = await Service.start({ STORAGE: 'postgres', DATABASE_URL: address.href });
});
afterAll(async () => {
  await service.remove();
  await session.end();
  await proxy.close();
  await server.remove();
});
afterEach(() => proxy.heal());

function decide(clientId: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return Promise.resolve(service.post('/predict', { ...service.exampleBody(), clientId }).set(headers));
}

/** Until the service's write waits for the lock that `session` has. */
async function untilSomebodyWaits(): Promise<void> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
    const { rowCount } = await session.query('SELECT FROM pg_locks WHERE NOT granted');
    if (rowCount !== 0) return;
    await sleep(5);
  }
  throw new Error('Nothing waited for the lock');
}

/** Asks until it is decided. */
async function decided(clientId: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  for (const deadline = Date.now() + 5_000; ;) {
    const answer = await decide(clientId, headers);
    if (answer.status === 200 || Date.now() > deadline) return answer;
  }
}

async function recordsAbout(clientId: string): Promise<unknown[]> {
  const answer = await service.get(`/predictions?clientId=${clientId}`).expect(200);
  return (answer.body as { items: unknown[] }).items;
}

describe('a decision that PostgreSQL kept without saying so in time', () => {
  it('is not denied: the answer says that it is not known, and the key leads to the one decision', async () => {
    const clientId = `client-${randomUUID()}`;
    const headers = { 'Idempotency-Key': randomUUID() };
    // Held until the network is frozen, so that the record is kept and its confirmation lost.
    await session.query('BEGIN');
    await session.query('LOCK TABLE log_head');
    const answering = decide(clientId, headers);
    await untilSomebodyWaits();
    proxy.freeze();
    await session.query('ROLLBACK');
    const answer = await answering;
    expect(problemOf(answer)).toMatchObject({
      status: 503,
      type: 'urn:credit-scoring:problem:decision-unconfirmed',
    });
    expect(answer.text).not.toMatch(/no decision/i);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    await proxy.heal();
    const again = await decided(clientId, headers);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await recordsAbout(clientId)).toHaveLength(1);
  });

  it('says nothing about decisions when only earlier ones could not be looked up', async () => {
    const clientId = `client-${randomUUID()}`;
    const headers = { 'Idempotency-Key': randomUUID() };
    await proxy.cut();
    const answer = await decide(clientId, headers);
    await proxy.heal();
    expect(problemOf(answer)).toMatchObject({
      status: 503,
      type: 'urn:credit-scoring:problem:records-unavailable',
    });
    expect(answer.text).not.toMatch(/decision/i);
    expect((await decided(clientId, headers)).status).toBe(200);
    expect(await recordsAbout(clientId)).toHaveLength(1);
  });
});
