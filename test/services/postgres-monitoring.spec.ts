import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { drift } from '../../src/command-line/drift-command';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { type DecisionRecord, type RefusalRecord } from '../../src/logging/prediction-record';
import { AlertWatch } from '../../src/monitoring/alerts/alert-watch';
import { type Alert } from '../../src/monitoring/alerts/alert';
import { Alerts } from '../../src/monitoring/alerts/alerts';
import { DriftJob } from '../../src/monitoring/drift/drift-job';
import { DriftReports } from '../../src/monitoring/drift/drift-reports';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { ThreadedMonitoringEngine } from '../../src/monitoring/engine/threaded-monitoring-engine';
import { withoutTrees } from '../../src/monitoring/monitored-model';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfStep } from '../../src/monitoring/summary/time-steps';
import { type Traffic } from '../../src/monitoring/traffic';
import { CallbackReceiver } from '../factories/callback-receiver';
import { runInside } from '../factories/command-line';
import { aDecision, aRefusal } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

/** Two instances on one database, over a log of the last two days with failures of the last minutes. */
let server: PostgresServer;
let url: string;
let database: Database;
let receiver: CallbackReceiver;
let instances: Service[];
/** Reports that an instance wanted to keep: all instances are in this process. */
let keep: jest.SpyInstance;

const YESTERDAY = startOfStep(Date.now(), DAY_MS) - DAY_MS;
const OLD_RECORDS = 60;
const FAILURES = 80;

beforeAll(async () => {
  Logger.overrideLogger(false);
  keep = jest.spyOn(DriftReports.prototype, 'keep');
  server = await PostgresServer.start();
  url = await server.createDatabase();
  await migrateDatabase(url);
  database = new Database({ url });
  receiver = await CallbackReceiver.start();
  await append(OLD_RECORDS, YESTERDAY - DAY_MS + HOUR_MS, 30 * MINUTE_MS, aDecision());
  await append(FAILURES, Date.now() - MINUTE_MS, 0, aRefusal({ status: 500 }));
  instances = [await startInstance(), await startInstance()];
  for (const each of instances) await engineOf(each).catchUp();
});
afterAll(async () => {
  for (const each of instances) await each.remove();
  await receiver.close();
  await database.close();
  await server.remove();
  keep.mockRestore();
});

function startInstance(): Promise<Service> {
  return Service.start({
    ROLES: 'api,monitoring',
    STORAGE: 'postgres',
    DATABASE_URL: url,
    ALERT_WEBHOOK_URL: receiver.url,
    ALERT_WEBHOOK_SECRET: 'a secret of at least thirty-two characters',
    ALERT_WEBHOOK_PRIVATE: 'allow',
  });
}

/** Records from a time on, one a step. */
async function append(
  count: number,
  fromMs: number,
  stepMs: number,
  draft: ReturnType<typeof aDecision> | ReturnType<typeof aRefusal>,
): Promise<void> {
  let nowMs = fromMs;
  const log = await PostgresPredictionLog.open({ database, clock: () => nowMs });
  for (let index = 0; index < count; index += 1) {
    await log.append<DecisionRecord | RefusalRecord>(draft);
    nowMs += stepMs;
  }
  await log.close();
}

function engineOf(instance: Service): MonitoringEngine {
  return instance.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false });
}

function lookOn(instance: Service): Promise<void> {
  return instance.app.get(AlertWatch, { strict: false }).look();
}

async function alertsOn(instance: Service): Promise<readonly Alert[]> {
  const response = await instance.get('/monitoring/api/alerts').expect(200);
  return (response.body as { alerts: readonly Alert[] }).alerts;
}

/** The alerts of an instance as soon as they fulfil a condition: it may show those of a second ago. */
async function alertsSoonOn(
  instance: Service,
  isShown: (alerts: readonly Alert[]) => boolean,
): Promise<readonly Alert[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const alerts = await alertsOn(instance);
    if (isShown(alerts)) return alerts;
    expect(Date.now()).toBeLessThan(deadline);
    await delay(50);
  }
}

/** Kinds of the alerts that the webhook was told of as opened, in order. */
function toldKinds(): readonly string[] {
  return receiver.received
    .map(({ body }) => JSON.parse(body.toString('utf8')) as { event: string; alert: Alert })
    .filter(({ event }) => event === 'opened')
    .map(({ alert }) => alert.kind);
}

function pair(): readonly [Service, Service] {
  const [first, second] = instances;
  if (first === undefined || second === undefined) throw new Error('There are no two instances');
  return [first, second];
}

describe('two instances on one database', () => {
  it('show the same totals: the whole', async () => {
    const span = { fromMs: YESTERDAY - DAY_MS, toMs: startOfStep(Date.now(), DAY_MS) + DAY_MS };
    const totals: Traffic['totals'][] = [];
    for (const each of pair()) totals.push((await engineOf(each).traffic(span)).totals);
    expect(totals[0]).toMatchObject({ requests: OLD_RECORDS + FAILURES, failed: FAILURES });
    expect(totals[1]).toEqual(totals[0]);
  });

  it('make one report a window, which both show', async () => {
    const jobs = pair().map((each) => each.app.get(DriftJob, { strict: false }));
    const deadline = Date.now() + 60_000;
    while (!jobs.every((job) => !job.status().running && job.status().lastWindowEndMs !== null)) {
      expect(Date.now()).toBeLessThan(deadline);
      for (const job of jobs) await job.runDue();
    }
    const lists = await Promise.all(
      pair().map((each) => each.app.get(DriftReports, { strict: false }).list(31)),
    );
    const { rows } = await database.query<{ readonly id: string }>('SELECT id FROM drift_reports');
    expect(rows.length).toBeGreaterThan(0);
    expect(lists[0]?.map(({ id }) => id).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    expect(lists[1]).toEqual(lists[0]);
    // Computed once, not only kept once.
    expect(keep).toHaveBeenCalledTimes(rows.length);
    expect(jobs.map((job) => job.status().lastFailure)).toEqual([null, null]);
  });

  it('tell of an alert once, and both show it', async () => {
    for (let looks = 0; looks < 3; looks += 1) for (const each of pair()) await lookOn(each);
    while (!toldKinds().includes('error_rate')) await receiver.receive(receiver.received.length + 1);
    expect(toldKinds().filter((kind) => kind === 'error_rate')).toHaveLength(1);
    const [one, other] = pair();
    // Another one may come and go while the first report is made.
    const idsOf = (alerts: readonly Alert[]): readonly string[] =>
      alerts.filter(({ kind }) => kind === 'error_rate').map(({ id }) => id);
    const isShown = (alerts: readonly Alert[]): boolean => idsOf(alerts).length > 0;
    const shown = idsOf(await alertsSoonOn(one, isShown));
    expect(shown).toHaveLength(1);
    expect(idsOf(await alertsSoonOn(other, isShown))).toEqual(shown);
    for (const each of pair()) {
      const { text } = await each.get('/metrics').expect(200);
      expect(text).toMatch(/^credit_scoring_open_alerts\{severity="critical"\} [1-9]/m);
    }
  });

  it('show an acknowledgement that the other one took, which outlives the next look', async () => {
    const [one, other] = pair();
    for (const [at, elsewhere] of [
      [one, other],
      [other, one],
    ] as const) {
      const alert = (await alertsOn(at)).find(({ kind }) => kind === 'error_rate');
      const note = `seen on ${at.url}`;
      await at
        .post(`/monitoring/alerts/${alert?.id ?? ''}/acknowledge`, `note=${encodeURIComponent(note)}`)
        .set('Content-Type', 'application/x-www-form-urlencoded')
        .expect(303);
      for (const each of pair()) await lookOn(each);
      const shown = await alertsSoonOn(elsewhere, (alerts) => alerts.some((each) => each.note === note));
      expect(shown.find(({ id }) => id === alert?.id)).toMatchObject({ state: 'acknowledged', note });
    }
  });

  it('write nothing of monitoring into their folders', async () => {
    for (const { dataFolder } of pair()) {
      const names = await readdir(dataFolder, { recursive: true });
      expect(names.filter((name) => name.includes('monitoring'))).toEqual([]);
    }
  });

  it('go on as one when the other is closed: it observes, and tells what is new once', async () => {
    const [one, other] = pair();
    const holders = [];
    for (const each of [one, other]) holders.push(await each.app.get(Alerts, { strict: false }).holdLease());
    expect(holders.filter(Boolean)).toHaveLength(1);
    const [closing, staying] = holders[0] === true ? [one, other] : [other, one];
    await closing.stop();
    await append(20 * FAILURES, Date.now(), 0, aDecision({ totalTimeMs: 9000 }));
    await engineOf(staying).catchUp();
    for (let looks = 0; looks < 2; looks += 1) await lookOn(staying);
    while (!toldKinds().includes('latency')) await receiver.receive(receiver.received.length + 1);
    expect(toldKinds().filter((kind) => kind === 'latency')).toHaveLength(1);
    expect(toldKinds().filter((kind) => kind === 'error_rate')).toHaveLength(1);
  });
});

describe('an instance that is started again', () => {
  it('counts each record once, from the summaries that all of them kept', async () => {
    const started = await startInstance();
    instances.push(started);
    await engineOf(started).catchUp();
    const span = { fromMs: YESTERDAY - DAY_MS, toMs: startOfStep(Date.now(), DAY_MS) + DAY_MS };
    const { totals } = await engineOf(started).traffic(span);
    expect(totals.requests).toBe(OLD_RECORDS + FAILURES + 20 * FAILURES);
    const { rows } = await database.query(`SELECT FROM monitoring_summaries WHERE kind = 'hour'`);
    expect(rows.length).toBeGreaterThan(20);
    // What was kept was not read again.
    expect((await engineOf(started).state()).records).toBeLessThan(totals.requests);
  });
});

describe('npm run drift', () => {
  it('reads the log in the database, and keeps the report there', async () => {
    const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    const words = ['--from', day(YESTERDAY - DAY_MS), '--to', day(YESTERDAY), '--keep'];
    const environment = { STORAGE: 'postgres', DATABASE_URL: url };
    const { error, messages } = await runInside(drift, words, { environment });
    expect(error).toBeUndefined();
    const id = /^Kept as (.+)\n$/.exec(messages)?.[1];
    const { rows } = await database.query('SELECT FROM drift_reports WHERE id = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  it('says what to do when the database is away, and not where it is', async () => {
    const environment = {
      STORAGE: 'postgres',
      DATABASE_URL: 'postgresql://somebody:secret@127.0.0.1:1/nowhere',
    };
    const { error } = await runInside(drift, ['--from', '2026-11-22', '--to', '2026-11-23'], { environment });
    expect(error?.message).toMatch(/ECONNREFUSED/);
    expect(error?.message).not.toMatch(/secret|somebody|nowhere/);
  });
});

describe('the monitoring engine', () => {
  it('starts again until the database is there, goes on after it was away, and says each once', async () => {
    const { identity, folder, bundle } = pair()[0].model;
    const { storage, log, monitoring } = parseConfiguration({ STORAGE: 'postgres', DATABASE_URL: url });
    const problems: (string | null)[] = [];
    await server.stop();
    const engine = new ThreadedMonitoringEngine(
      { model: { identity, folder, bundle: withoutTrees(bundle) }, storage, log, monitoring },
      (problem) => problems.push(problem),
    );
    try {
      while (problems.length === 0) await delay(20);
      await server.start();
      await workingAgain(engine);
      await server.restart('immediate');
      await append(1, Date.now(), 0, aRefusal());
      await workingAgain(engine);
      const span = { fromMs: YESTERDAY - DAY_MS, toMs: startOfStep(Date.now(), DAY_MS) + DAY_MS };
      const { totals } = await engine.traffic(span);
      expect(totals.requests).toBe(OLD_RECORDS + FAILURES + 20 * FAILURES + 1);
      expect(problems.map((problem) => problem === null)).toEqual(
        problems.map((_, index) => index % 2 === 1),
      );
      for (const problem of problems) expect(problem ?? '').not.toContain(url);
    } finally {
      await engine.close();
    }
  });

  /** Within what the thread waits before it starts or reads again, and some. */
  async function workingAgain(engine: MonitoringEngine): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      expect(Date.now()).toBeLessThan(deadline);
      const caughtUp = await engine.catchUp().then(
        () => true,
        () => false,
      );
      if (caughtUp && (await engine.state()).problem === null) return;
      await delay(100);
    }
  }
});
