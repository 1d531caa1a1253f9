import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { BrokerClient } from '../factories/broker-client';
import { exampleBody, findFreePort, ServiceProcess } from '../faults/service-process';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';

/** The full drill: JOBS=10000 BROKER_RESTARTS=20 WORKER_KILLS=50. */
const JOBS = Number(process.env['JOBS'] ?? 600);
const BROKER_RESTARTS = Number(process.env['BROKER_RESTARTS'] ?? 2);
const WORKER_KILLS = Number(process.env['WORKER_KILLS'] ?? 5);

/** Callers that queue at a time. */
const CALLERS = 8;

const EVENTS = 'events-of-the-drill';

/** RabbitMQ writes down that there is a new quorum queue within half a second: a kill before loses the queue. */
const QUEUES_ARE_KEPT_MS = 3_000;
const TIMEOUT_MS = 60_000 + JOBS * 30 + BROKER_RESTARTS * 20_000 + WORKER_KILLS * 8_000;

let broker: RabbitmqServer;
let database: PostgresServer;
let folder: string;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  [broker, database] = await Promise.all([RabbitmqServer.start(), PostgresServer.start()]);
  folder = await mkdtemp(join(tmpdir(), 'queue-drill-'));
  settings = {
    DATA_DIR: folder,
    STORAGE: 'postgres',
    DATABASE_URL: await database.createDatabase(),
    QUEUE: 'rabbitmq',
    RABBITMQ_URL: broker.url,
    SESSION_SECRET: 'what signs the ids of jobs in the drill',
  };
}, 300_000);
afterAll(async () => {
  await Promise.all([broker.remove(), database.remove()]);
  await rm(folder, { recursive: true, force: true });
});

/** Two workers. They are killed in turn, each time in the middle of work, and started again. */
class Workers {
  private readonly processes: ServiceProcess[] = [];
  kills = 0;

  async start(): Promise<void> {
    for (let place = 0; place < 2; place++) this.processes[place] = await startWorker();
  }

  /** @param giveWork called when the next victim is ready */
  async killOne(giveWork: () => void): Promise<void> {
    const place = this.kills % 2;
    await this.processes[place]?.ready();
    giveWork();
    await sleep(20 + ((this.kills * 37) % 150));
    await this.processes[place]?.kill();
    this.kills += 1;
    this.processes[place] = await startWorker();
  }

  /** Ends them as a deployment does. */
  async stop(): Promise<(number | null)[]> {
    await Promise.all(this.processes.map((process) => process.ready()));
    for (const { child } of this.processes) child.kill('SIGTERM');
    return Promise.all(this.processes.map((process) => process.ended()));
  }
}

async function startWorker(): Promise<ServiceProcess> {
  return ServiceProcess.start(await findFreePort(), { ...settings, ROLES: 'worker' });
}

/** Queues as a careful caller does: under a key of its own, again until it is confirmed. */
async function queueOne(api: ServiceProcess, clientId: string): Promise<string> {
  const body = JSON.stringify({ ...(JSON.parse(exampleBody()) as object), clientId });
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': clientId };
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${api.port}/predict/async`, {
      method: 'POST',
      headers,
      body,
    });
    const text = await answer.text();
    if (answer.status === 202) return (JSON.parse(text) as { jobId: string }).jobId;
    if (answer.status !== 503) throw new Error(`Expected 202 or 503, and not ${answer.status}: ${text}`);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await sleep(100);
  }
}

interface Counts {
  readonly decisions: number;
  readonly keys: number;
  readonly refusals: number;
}

async function countRecords(sql: Client): Promise<Counts> {
  const { rows } = await sql.query<Counts>(
    `SELECT count(*) FILTER (WHERE kind = 'decision')::integer AS decisions,
            count(DISTINCT record->>'idempotencyKey') FILTER (WHERE kind = 'decision')::integer AS keys,
            count(*) FILTER (WHERE kind = 'refusal' AND (record->>'status')::integer <> 503)::integer AS refusals
     FROM prediction_records`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Counting answers one row');
  return row;
}

describe(`${JOBS} jobs, ${BROKER_RESTARTS} restarts of the broker, ${WORKER_KILLS} kills of workers`, () => {
  it(
    'give exactly one record for each job that was confirmed, and an event for each record',
    async () => {
      const api = ServiceProcess.start(await findFreePort(), { ...settings, ROLES: 'api' });
      await api.ready();
      const workers = new Workers();
      await workers.start();
      let client = await BrokerClient.connect(broker.url);
      await client.subscribe(EVENTS, 'decisions', '#');
      await client.close();

      await sleep(QUEUES_ARE_KEPT_MS);

      const began = performance.now();
      const jobIds: string[] = [];
      let next = 0;
      let allowed = 0;
      const callers = Array.from({ length: CALLERS }, async () => {
        while (next < JOBS) {
          if (next < allowed) jobIds.push(await queueOne(api, `drill-${next++}`));
          else await sleep(10);
        }
      });
      const killing = (async () => {
        while (workers.kills < WORKER_KILLS) {
          await workers.killOne(() => (allowed = Math.ceil((JOBS * (workers.kills + 1)) / WORKER_KILLS)));
        }
        allowed = JOBS;
      })();
      for (let restarts = 0; restarts < BROKER_RESTARTS; restarts++) {
        while (workers.kills < (restarts * WORKER_KILLS) / BROKER_RESTARTS) await sleep(20);
        await sleep(100 + ((restarts * 97) % 700));
        // In turn without warning and in good order.
        await broker[restarts % 2 === 0 ? 'kill' : 'stop']();
        await broker.start();
      }
      await Promise.all([...callers, killing]);

      const sql = new Client({ connectionString: settings['DATABASE_URL'] });
      await sql.connect();
      let counts = await countRecords(sql);
      for (const deadline = Date.now() + 60_000; counts.decisions < JOBS && Date.now() < deadline;) {
        await sleep(200);
        counts = await countRecords(sql);
      }
      client = await BrokerClient.connect(broker.url);
      const told = new Set<string>();
      for (const deadline = Date.now() + 60_000; told.size < counts.decisions && Date.now() < deadline;) {
        for (const event of (await client.drain(EVENTS)) as { id: string }[]) told.add(event.id);
        await sleep(100);
      }
      const seconds = (performance.now() - began) / 1000;
      const states = await Promise.all(
        jobIds.slice(0, 200).map(async (id) => (await api.send('GET', `/predict/async/${id}`))?.body ?? ''),
      );
      expect(await workers.stop()).toEqual([0, 0]);
      // Whatever was still on its way had the time to come twice.
      counts = await countRecords(sql);
      expect(states.filter((state) => !state.includes('"done"'))).toEqual([]);
      expect(await client.count('jobs')).toBe(0);
      expect(await client.count('jobs.dead')).toBe(0);
      expect(counts.refusals).toBe(0);
      expect(counts.keys).toBe(counts.decisions);
      const { rows } = await sql.query<{ id: string; client: string }>(
        `SELECT id::text, client_id AS client FROM prediction_records WHERE kind = 'decision'`,
      );
      expect(rows.filter(({ id }) => !told.has(id))).toEqual([]);
      console.log(
        `${JOBS} jobs, ${BROKER_RESTARTS} broker restarts, ${workers.kills} worker kills: ` +
          `${counts.decisions} records under ${counts.keys} keys, ${new Set(rows.map((row) => row.client)).size} clients, ` +
          `${told.size} decisions told, ${seconds.toFixed(0)} s`,
      );
      expect(counts.decisions).toBe(JOBS);
      await sql.end();
      await client.close();
      await api.kill();
    },
    TIMEOUT_MS,
  );
});
