import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { BrokerClient } from '../factories/broker-client';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { TcpProxy } from '../factories/tcp-proxy';
import { exampleBody, findFreePort, ServiceProcess } from '../faults/service-process';

const EVENTS = 'events-of-the-takeover';

/** How long a confirm is on its way to the first instance: time to stop it between telling and noting that it told. */
const CONFIRM_LATE_MS = 1_000;

/** A lease of ten seconds, a look each second; the rest is for a machine that is busy with other tests. */
const TAKEN_OVER_WITHIN_MS = 20_000;
/** Whoever stops in good order gives its lease back. */
const HANDED_OVER_WITHIN_MS = 5_000;

/** As many as are told before the place is moved on, and so told again at most. */
const RECORDS_A_PAGE = 200;

const body = exampleBody();

let broker: RabbitmqServer;
let postgres: PostgresServer;
/** Between the first instance and the broker. */
let proxy: TcpProxy;
let folder: string;
let sql: Client;
let client: BrokerClient;
let settings: Readonly<Record<string, string>>;
/** The one that publishes when a test begins, and the one that waits to take over. */
let first: ServiceProcess;
let second: ServiceProcess;
/** All that were started. */
let instances: ServiceProcess[];

beforeAll(async () => {
  [broker, postgres] = await Promise.all([RabbitmqServer.start(), PostgresServer.start()]);
});
afterAll(() => Promise.all([broker.remove(), postgres.remove()]));
beforeEach(async () => {
  instances = [];
  folder = await mkdtemp(join(tmpdir(), 'takeover-'));
  proxy = await TcpProxy.to(broker.port);
  settings = { STORAGE: 'postgres', DATABASE_URL: await postgres.createDatabase(), QUEUE: 'rabbitmq' };
  client = await BrokerClient.connect(broker.url);
  first = await startInstance('first', `amqp://guest:guest@127.0.0.1:${proxy.port}`);
  // Whoever connects first declares the exchange.
  await client.subscribe(EVENTS, 'decisions', '#');
  sql = new Client({ connectionString: settings['DATABASE_URL'] });
  await sql.connect();
  await until('the first instance to publish', async () => (await holder()) !== undefined);
  second = await startInstance('second', broker.url);
});
afterEach(async () => {
  for (const instance of instances) await instance.kill();
  await sql.end();
  await client.remove(EVENTS);
  await client.close();
  await proxy.close();
  await rm(folder, { recursive: true, force: true });
});

async function startInstance(name: string, brokerUrl: string): Promise<ServiceProcess> {
  const own = { DATA_DIR: join(folder, name), RABBITMQ_URL: brokerUrl, ROLES: 'api' };
  const instance = ServiceProcess.start(await findFreePort(), { ...settings, ...own });
  instances.push(instance);
  await instance.ready();
  return instance;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}

/** Who publishes: a name that each process makes at its start. */
async function holder(): Promise<string | undefined> {
  const { rows } = await sql.query<{ holder: string }>(
    `SELECT holder FROM leases WHERE name = 'decision-events' AND expires_at > clock_timestamp()`,
  );
  return rows[0]?.holder;
}

/** The record up to which it is noted that decisions were told. */
async function place(): Promise<string> {
  const { rows } = await sql.query<{ content: string }>(
    `SELECT content FROM shared_state WHERE name = 'decision-events'`,
  );
  return rows[0]?.content ?? '';
}

/** Ids of all decisions, in the order of the log. */
async function logged(): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id::text FROM prediction_records WHERE kind = 'decision' ORDER BY id`,
  );
  return rows.map(({ id }) => id);
}

async function decide(instance: ServiceProcess, count: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: count }, () => instance.send('POST', '/predict', body)),
  );
  expect(answers.filter((answer) => answer?.status !== 200)).toEqual([]);
}

/** Ids of events as they come, until every decision that is logged was told, but for so many at the beginning. */
async function receiveAll(withinMs: number, toldBefore = 0): Promise<string[]> {
  const told: string[] = [];
  const ids = (await logged()).slice(toldBefore);
  for (const deadline = Date.now() + withinMs; ids.some((id) => !told.includes(id));) {
    if (Date.now() > deadline) throw new Error(`${new Set(told).size} of ${ids.length} decisions were told`);
    for (const { id } of (await client.drain(EVENTS)) as { id: string }[]) told.push(id);
    await sleep(20);
  }
  return told;
}

/** Those that came more than once. */
function repeated(told: readonly string[]): string[] {
  return [...new Set(told.filter((id, index) => told.indexOf(id) !== index))];
}

/** Decides, and resolves when the first instance has told of some of it and cannot know that the broker has it. */
async function stopBetweenTellingAndNoting(stop: NodeJS.Signals): Promise<string> {
  proxy.delay(CONFIRM_LATE_MS);
  const before = await place();
  await decide(second, 40);
  await until('the first events', async () => (await client.count(EVENTS)) > 0);
  first.child.kill(stop);
  const noted = await place();
  expect(noted).toBe(before);
  return noted;
}

describe('decision events whose publisher is killed', () => {
  it('are told by another instance from where it had noted: none is lost, and only those behind come again', async () => {
    await decide(second, 30);
    const early = await receiveAll(HANDED_OVER_WITHIN_MS);
    expect(early).toEqual(await logged());
    await until('the place to move on', async () => (await place()) === early.at(-1));
    const killed = await holder();

    const noted = await stopBetweenTellingAndNoting('SIGKILL');
    const lost = await client.drain(EVENTS);
    expect(lost.length).toBeGreaterThan(0);
    // Nobody publishes now; decisions go on.
    await decide(second, 40);
    const late = await receiveAll(TAKEN_OVER_WITHIN_MS, early.length);

    const successor = await holder();
    expect(successor).toBeDefined();
    expect(successor).not.toBe(killed);
    const all = await logged();
    const told = [...early, ...(lost as { id: string }[]).map(({ id }) => id), ...late];
    expect([...new Set(told)]).toEqual(all);
    const again = repeated(told);
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThanOrEqual(RECORDS_A_PAGE);
    expect(again.filter((id) => id <= noted)).toEqual([]);

    // One that comes back is another one, and waits.
    await first.ended();
    first = await startInstance('first', broker.url);
    await decide(first, 10);
    await decide(second, 10);
    await until('the last event', async () => (await client.count(EVENTS)) >= 20);
    const rest = ((await client.drain(EVENTS)) as { id: string }[]).map(({ id }) => id);
    expect(rest).toEqual((await logged()).slice(-20));
    expect(await holder()).toBe(successor);
  });
});

describe('decision events whose publisher is frozen', () => {
  it('are told by another instance, and it takes nothing back when it goes on', async () => {
    const frozen = await holder();
    await stopBetweenTellingAndNoting('SIGSTOP');
    const told = ((await client.drain(EVENTS)) as { id: string }[]).map(({ id }) => id);
    await decide(second, 40);
    told.push(...(await receiveAll(TAKEN_OVER_WITHIN_MS)));
    const successor = await holder();
    expect(successor).not.toBe(frozen);
    first.child.kill('SIGCONT');
    // Longer than it takes to look once more who publishes.
    await sleep(2 * CONFIRM_LATE_MS + 1_500);
    proxy.delay(0);
    told.push(...((await client.drain(EVENTS)) as { id: string }[]).map(({ id }) => id));
    const all = await logged();
    expect([...new Set(told)]).toEqual(all);
    expect(await place()).toBe(all.at(-1));
    expect(await holder()).toBe(successor);
    expect(repeated(told).length).toBeLessThanOrEqual(RECORDS_A_PAGE);

    await decide(second, 10);
    await receiveFollowing(all.length, 10);

    // Stopped in good order it hands over at once, and nothing comes again.
    await decide(second, 10);
    second.child.kill('SIGTERM');
    expect(await second.ended()).toBe(0);
    await decide(first, 10);
    await receiveFollowing(all.length + 10, 20);
  });

  /** Expects that so many decisions behind the first ones are told once each, in order, and soon. */
  async function receiveFollowing(after: number, count: number): Promise<void> {
    const began = performance.now();
    const told: string[] = [];
    await until('the following events', async () => {
      for (const { id } of (await client.drain(EVENTS)) as { id: string }[]) told.push(id);
      return told.length >= count;
    });
    expect(performance.now() - began).toBeLessThan(HANDED_OVER_WITHIN_MS);
    expect(told).toEqual((await logged()).slice(after));
  }
});
