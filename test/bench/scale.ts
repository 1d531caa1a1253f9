import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RedisServer } from '../factories/servers/redis-server';
import { NginxInFront } from '../services/nginx-in-front';
import { LoadGenerator, makeTemporaryFolder, ServerProcess } from './http/bench-process';
import { type Goal, reportGoals } from './http/goal';
import { type LoadResult } from './http/load';
import { median } from './http/median';

/**
 * `POST /predict` with each way of keeping records, by one, two and three instances. One instance is asked directly
 * and through nginx, several through nginx. Setups take turns, so that a busy machine hits all alike.
 *
 * Everything shares the processors of this machine: instances, nginx, PostgreSQL, Redis and the load. Where these are
 * few, a second instance finds none that is free, and what can be carried over to other machines is the processor
 * time that a prediction takes in each program.
 */

const CONNECTIONS = 64;
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const SECONDS = Number(process.env['SECONDS'] ?? 2);
/** Until V8 has compiled what is hot; for each instance. */
const WARM_UP_SECONDS = Number(process.env['WARM_UP_SECONDS'] ?? 4);
const MOST_INSTANCES = 3;
/** Never reached, but counted: in Redis when instances share it. */
const RATE_LIMIT = '10000000/60';

/** Something to measure. */
interface Setup {
  readonly name: string;
  readonly store: Store;
  readonly instances: readonly ServerProcess[];
  /** Where the load goes. */
  readonly port: number;
  readonly turns: Measured[];
}

/** Where the records of some setups are. */
interface Store {
  readonly name: string;
  /** 200 answers so far. */
  answered: number;
  readonly measure: () => Promise<Stored>;
}

/** What is in a store. */
interface Stored {
  readonly records: number;
  readonly bytes: number;
}

/** One turn: what came of the load, and the instances' processor time a request, microseconds. */
interface Measured extends LoadResult {
  readonly processorTime: number;
}

async function bench(): Promise<void> {
  const postgres = await PostgresServer.start();
  const redis = await RedisServer.start();
  const balancers: NginxInFront[] = [];
  const generator = await LoadGenerator.start();
  try {
    const setups = [
      ...(await startFileSetups()),
      ...(await startPostgresSetups('PostgreSQL', postgres, {}, balancers)),
      ...(await startPostgresSetups(
        'PostgreSQL, Redis',
        postgres,
        { CACHE: 'redis', REDIS_URL: redis.url },
        balancers,
      )),
    ];
    for (const setup of setups) await warmUp(generator, setup);
    for (let round = 0; round < ROUNDS; round++) {
      for (const setup of rotate(setups, round)) setup.turns.push(await drive(generator, setup, SECONDS));
    }
    for (const server of new Set(setups.flatMap(({ instances }) => instances))) await server.stop();
    print(setups);
    await reportStores(new Set(setups.map(({ store }) => store)));
  } finally {
    await generator.stop();
    for (const balancer of balancers) await balancer.remove();
    await redis.remove();
    await postgres.remove();
  }
}

/** Files have one writer: a second instance has records of its own, and is a second service. */
async function startFileSetups(): Promise<Setup[]> {
  const setups: Setup[] = [];
  for (const fsync of ['never', 'always']) {
    const dataFolder = join(makeTemporaryFolder(), 'data');
    const server = await startInstance({ DATA_DIR: dataFolder, LOG_FSYNC: fsync });
    const name = `file, LOG_FSYNC=${fsync}`;
    const store = { name, answered: 0, measure: () => measureFolder(join(dataFolder, 'logs')) };
    setups.push({ name: `${name}, direct`, store, instances: [server], port: server.port, turns: [] });
  }
  return setups;
}

async function startPostgresSetups(
  name: string,
  postgres: PostgresServer,
  settings: Readonly<Record<string, string>>,
  balancers: NginxInFront[],
): Promise<Setup[]> {
  const url = await postgres.createDatabase();
  const store = { name, answered: 0, measure: () => measureDatabase(url) };
  const instances: ServerProcess[] = [];
  const setups: Setup[] = [];
  while (instances.length < MOST_INSTANCES) {
    const DATA_DIR = join(makeTemporaryFolder(), 'data');
    instances.push(await startInstance({ DATA_DIR, STORAGE: 'postgres', DATABASE_URL: url, ...settings }));
    const used = [...instances];
    if (used.length === 1) {
      const port = used[0]?.port ?? 0;
      setups.push({ name: `${name}, direct`, store, instances: used, port, turns: [] });
    }
    const balancer = await NginxInFront.start(used.map(({ port }) => port));
    balancers.push(balancer);
    setups.push({ name: `${name}, nginx`, store, instances: used, port: balancer.port, turns: [] });
  }
  return setups;
}

function startInstance(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  return ServerProcess.start(
    (port) => ({
      program: process.execPath,
      parameters: ['dist/main.js'],
      environment: {
        ...{ PORT: String(port), HOST: '127.0.0.1', ROLES: 'api', LOG_LEVEL: 'warn' },
        ...{ RATE_LIMIT, TRUST_PROXY: '127.0.0.1' },
        ...settings,
      },
    }),
    '/health/ready',
    'any',
  );
}

/** By the largest setup of each kind, whose instances the smaller ones have too. */
async function warmUp(generator: LoadGenerator, setup: Setup): Promise<void> {
  const { length } = setup.instances;
  if (length === MOST_INSTANCES || !setup.name.endsWith('nginx')) {
    await drive(generator, setup, length * WARM_UP_SECONDS);
  }
}

async function drive(generator: LoadGenerator, setup: Setup, seconds: number): Promise<Measured> {
  const total = (): number =>
    setup.instances.reduce((sum, instance) => sum + (instance.processorTime() ?? NaN), 0);
  const before = total();
  const result = await generator.drive({
    port: setup.port,
    path: '/predict',
    connections: CONNECTIONS,
    limit: { seconds },
  });
  setup.store.answered += result.succeeded;
  return { ...result, processorTime: (total() - before) / result.requests };
}

function print(setups: readonly Setup[]): void {
  console.log(
    `POST /predict, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s, medians; ROLES=api, rate limit counted. ` +
      `Instances, nginx, servers and load share ${availableParallelism()} processors.`,
  );
  console.log(
    'CPU: processor time of the instances a prediction; per core: how many predictions a second one core has time for ' +
      'by that, servers beside them not counted. Files have one writer, so there is one instance.\n',
  );
  printRow('', ['instances', 'predictions/s', 'p50 ms', 'p99 ms', 'not 200', 'CPU µs', 'per core/s']);
  for (const { name, instances, turns } of setups) {
    const processorTime = median(turns.map((turn) => turn.processorTime));
    printRow(name, [
      String(instances.length),
      round(median(turns.map(({ succeeded, seconds }) => succeeded / seconds)), 0),
      round(median(turns.map(({ p50 }) => p50)), 1),
      round(median(turns.map(({ p99 }) => p99)), 1),
      String(turns.reduce((sum, { requests, succeeded }) => sum + requests - succeeded, 0)),
      round(processorTime, 0),
      round(1_000_000 / processorTime, 0),
    ]);
  }
  const busy = median(setups.flatMap(({ turns }) => turns.map((turn) => turn.busy)));
  console.log(`\nThe load generator took ${round(100 * busy, 0)} % of one processor (median).`);
}

/** Every 200 has its record, and there are no others; and what one takes. */
async function reportStores(stores: ReadonlySet<Store>): Promise<void> {
  const goals: Goal[] = [];
  for (const { name, answered, measure } of stores) {
    const { records, bytes } = await measure();
    console.log(`${name}: ${round(bytes / records, 0)} bytes a record, indexes included`);
    goals.push({
      promise: `${name}: as many records as 200 answers`,
      measured: `${records} records, ${answered} answers`,
      met: records === answered,
    });
  }
  reportGoals(goals);
}

async function measureFolder(folder: string): Promise<Stored> {
  let records = 0;
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (!/^production_logs.*\.json$/.test(name)) continue;
    const file = join(folder, name);
    bytes += (await stat(file)).size;
    records += await countLines(file);
  }
  return { records, bytes };
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
    for (const byte of part) if (byte === 0x0a) lines += 1;
  }
  return lines;
}

async function measureDatabase(url: string): Promise<Stored> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ records: number; bytes: number }>(
      `SELECT (SELECT count(*)::float8 FROM prediction_records WHERE kind = 'decision') AS records,
              (SELECT sum(pg_total_relation_size(relid))::float8 FROM pg_partition_tree('prediction_records')) AS bytes`,
    );
    return rows[0] ?? { records: 0, bytes: 0 };
  } finally {
    await client.end();
  }
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

function printRow(name: string, cells: readonly string[]): void {
  console.log(name.padEnd(36) + cells.map((cell) => cell.padStart(14)).join(''));
}

function round(value: number, digits: number): string {
  return Number.isNaN(value) ? 'unknown' : value.toFixed(digits);
}

bench().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
