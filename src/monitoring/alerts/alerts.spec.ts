import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { type Leases, SOLE_HOLDER } from '../../common/leases';
import { parseConfiguration } from '../../config/parse-configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type Alert } from './alert';
import { type AlertSink, type DeliveryOutcome } from './alert-sinks/alert-sink';
import { type AlertCause, type AlertNotice, type Findings } from './alert-state';
import { type AlertStore } from './alert-store';
import { Alerts } from './alerts';
import { FileAlertStore } from './file-alert-store';

const MINUTE = 60_000;
const drift: AlertCause = {
  kind: 'input_drifted',
  subject: 'age',
  severity: 'warning',
  figures: { psi: 0.2 },
};
const errors: AlertCause = {
  kind: 'error_rate',
  subject: null,
  severity: 'critical',
  figures: { failed: 9 },
};

/** Remembers what it was told. */
class RecordingSink implements AlertSink {
  readonly told: AlertNotice[] = [];
  outcome: DeliveryOutcome = 'settled';

  constructor(readonly name: string) {}

  deliver(notice: AlertNotice): Promise<DeliveryOutcome> {
    this.told.push(notice);
    return Promise.resolve(this.outcome);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

let folder: string;
let nowMs: number;
let log: RecordingSink;
let webhook: RecordingSink;
let metrics: ServiceMetrics;
let alerts: Alerts;

const file = (): string => join(folder, 'logs', 'monitoring', 'alerts.json');

async function start(sinks: readonly AlertSink[] = [log, webhook]): Promise<void> {
  metrics = new ServiceMetrics();
  const configuration = parseConfiguration({ DATA_DIR: folder });
  const clock = (): number => nowMs;
  const store = new FileAlertStore(configuration.monitoring.folder, clock);
  alerts = new Alerts(configuration, clock, sinks, metrics, store, SOLE_HOLDER);
  await alerts.onModuleInit();
}

async function restart(sinks?: readonly AlertSink[]): Promise<void> {
  await alerts.onModuleDestroy();
  await start(sinks);
}

async function observe(...causes: AlertCause[]): Promise<void> {
  const undecided: Findings['undecided'] = { kinds: new Set(), inputs: new Set() };
  await alerts.observe({ causes, undecided });
  nowMs += MINUTE;
}

function only(): Alert {
  const [alert, ...others] = alerts.list();
  if (alert === undefined || others.length > 0) throw new Error('expected one alert');
  return alert;
}

beforeAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  nowMs = Date.UTC(2026, 10, 23, 12);
  log = new RecordingSink('log');
  webhook = new RecordingSink('webhook');
  await start();
});
afterEach(async () => {
  await alerts.onModuleDestroy();
  await rm(folder, { recursive: true, force: true });
});

describe('list', () => {
  it('shows open ones first, then acknowledged, then closed; newest first within each', async () => {
    await observe({ ...drift, subject: 'a' });
    await observe({ ...drift, subject: 'b' });
    await observe({ ...drift, subject: 'c' });
    await observe({ ...drift, subject: 'd' }, { ...drift, subject: 'c' });
    const { id } = alerts.list().find(({ subject }) => subject === 'd') as Alert;
    await alerts.acknowledge(id, 'seen', 'me');
    await observe({ ...drift, subject: 'd' }, { ...drift, subject: 'c' }, { ...drift, subject: 'e' });

    expect(alerts.list().map(({ subject, state }) => `${String(subject)} ${state}`)).toEqual([
      'e open',
      'c open',
      'd acknowledged',
      'b closed',
      'a closed',
    ]);
  });
});

describe('acknowledge', () => {
  it('notes who, when and what', async () => {
    await observe(errors);
    const answer = await alerts.acknowledge(only().id, 'the database is being moved', 'operator');

    expect(answer).toEqual(only());
    expect(answer).toMatchObject({
      state: 'acknowledged',
      note: 'the database is being moved',
      acknowledgedBy: 'operator',
      acknowledgedAt: '2026-11-23T12:01:00.000Z',
    });
  });

  it('answers 404 for an alert that does not exist', async () => {
    await expect(alerts.acknowledge('nobody', 'note', 'me')).rejects.toMatchObject({
      document: { status: 404 },
    });
  });

  it('answers 409 for one that is closed', async () => {
    await observe(errors);
    await observe();
    await observe();

    await expect(alerts.acknowledge(only().id, 'note', 'me')).rejects.toMatchObject({
      document: { status: 409 },
    });
    expect(only().note).toBeNull();
  });
});

describe('a restart', () => {
  it('keeps alerts with their acknowledgements, and tells nothing twice', async () => {
    await observe(errors, drift);
    await alerts.acknowledge(alerts.list()[0]?.id ?? '', 'known', 'me');
    const before = alerts.list();
    await restart();
    await observe(errors, drift);

    expect(alerts.list().map(({ id, state, note }) => ({ id, state, note }))).toEqual(
      before.map(({ id, state, note }) => ({ id, state, note })),
    );
    expect(webhook.told).toHaveLength(2);
    expect(log.told).toHaveLength(2);
  });

  it('counts a look without the cause before it', async () => {
    await observe(errors);
    await observe();
    await restart();
    await observe();

    expect(only().state).toBe('closed');
  });

  it('tells again what a sink has not taken over, under the same key, and only to that sink', async () => {
    webhook.outcome = 'interrupted';
    await observe(errors);
    await restart();
    webhook.outcome = 'settled';
    await restart();
    await restart();

    expect(webhook.told).toHaveLength(3);
    expect(new Set(webhook.told.map(({ id }) => id)).size).toBe(1);
    expect(log.told).toHaveLength(1);
  });

  it('forgets what a sink was to be told that no longer exists', async () => {
    webhook.outcome = 'interrupted';
    await observe(errors);
    await restart([log]);
    await restart();

    expect(webhook.told).toHaveLength(1);
  });
});

describe('the file', () => {
  it('is whole after every observation: another process could take over from it', async () => {
    await observe(errors);
    const kept = JSON.parse(await readFile(file(), 'utf8')) as { alerts: { alert: Alert }[] };

    expect(kept.alerts.map(({ alert }) => alert)).toEqual(alerts.list());
    await alerts.onModuleDestroy();
    expect(await readdir(join(folder, 'logs', 'monitoring'))).toEqual(['alerts.json']);
  });

  it('holds nothing to tell once it was told', async () => {
    await observe(errors);
    let waiting: unknown[] | undefined;
    while (waiting?.length !== 0) {
      waiting = (JSON.parse(await readFile(file(), 'utf8')) as { notices: unknown[] }).notices;
    }

    expect(webhook.told).toHaveLength(1);
  });

  it('that is damaged is set aside, and alerts start empty', async () => {
    await observe(errors);
    await alerts.onModuleDestroy();
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.slice(0, 100));
    await start();

    expect(alerts.list()).toEqual([]);
    const names = await readdir(join(folder, 'logs', 'monitoring'));
    expect(names).toEqual(['alerts.damaged-2026-11-23T12-01-00.000Z.json']);
    expect(await readFile(join(folder, 'logs', 'monitoring', String(names[0])), 'utf8')).toBe(
      text.slice(0, 100),
    );
  });

  it('that cannot be written hinders no alert, and is written once it can be', async () => {
    await writeFile(join(folder, 'logs'), 'a file where the folder should be');
    await observe(errors);
    expect(only().state).toBe('open');
    expect(webhook.told).toHaveLength(1);
    await rm(join(folder, 'logs'));
    await observe(errors);
    await restart();

    expect(only().kind).toBe('error_rate');
  });
});

describe('the gauge of open alerts', () => {
  const gauge = async (): Promise<string[]> =>
    (await metrics.format()).split('\n').filter((line) => line.startsWith('credit_scoring_open_alerts{'));

  it('counts by severity what is not closed, also after a restart', async () => {
    await observe(errors, drift);
    await alerts.acknowledge(alerts.list()[0]?.id ?? '', 'known', 'me');
    await restart();
    expect(await gauge()).toEqual([
      'credit_scoring_open_alerts{severity="warning"} 1',
      'credit_scoring_open_alerts{severity="critical"} 1',
    ]);
    await observe();
    await observe();

    expect(await gauge()).toEqual([
      'credit_scoring_open_alerts{severity="warning"} 0',
      'credit_scoring_open_alerts{severity="critical"} 0',
    ]);
  });
});

describe('two processes on one store', () => {
  const NOT_HOLDER: Leases = { ...SOLE_HOLDER, hold: () => Promise.resolve(false) };
  let store: AlertStore;
  let observing: Alerts;
  let watching: Alerts;

  async function startOn(leases: Leases, sinks: readonly AlertSink[]): Promise<Alerts> {
    const configuration = parseConfiguration({ DATA_DIR: folder });
    const started = new Alerts(configuration, () => nowMs, sinks, new ServiceMetrics(), store, leases);
    await started.onModuleInit();
    return started;
  }

  beforeEach(async () => {
    store = new FileAlertStore(join(folder, 'shared'), () => nowMs);
    observing = await startOn(SOLE_HOLDER, [log, webhook]);
  });
  afterEach(async () => {
    await observing.onModuleDestroy();
    await watching.onModuleDestroy();
  });

  it('tell by the holder of the lease only, and show the same', async () => {
    const silent = new RecordingSink('webhook');
    watching = await startOn(NOT_HOLDER, [silent]);
    expect(await observing.holdLease()).toBe(true);
    expect(await watching.holdLease()).toBe(false);
    webhook.outcome = 'interrupted';
    await observing.observe({ causes: [errors], undecided: { kinds: new Set(), inputs: new Set() } });
    expect(webhook.told).toHaveLength(1);
    // What was read at the start is shown for a second.
    await new Promise((resolve) => setTimeout(resolve, 1001));
    await watching.refresh();
    expect(watching.list()).toEqual(observing.list());
    expect(silent.told).toEqual([]);
  });

  it('hand over what was not told: under the same key, when the other one holds the lease', async () => {
    webhook.outcome = 'interrupted';
    await observing.observe({ causes: [errors], undecided: { kinds: new Set(), inputs: new Set() } });
    await observing.onModuleDestroy();
    const next = new RecordingSink('webhook');
    watching = await startOn(SOLE_HOLDER, [log, next]);
    expect(next.told.map(({ id }) => id)).toEqual(webhook.told.map(({ id }) => id));
    expect(log.told).toHaveLength(1);
  });

  it('keep an acknowledgement that the one took between two looks of the other', async () => {
    const findings: Findings = { causes: [errors], undecided: { kinds: new Set(), inputs: new Set() } };
    await observing.observe(findings);
    watching = await startOn(NOT_HOLDER, []);
    await watching.acknowledge(watching.list()[0]?.id ?? '', 'known', 'me');
    await observing.observe(findings);
    expect(observing.list()[0]).toMatchObject({ state: 'acknowledged', note: 'known' });
  });
});

describe('a store that cannot be reached', () => {
  const gone: AlertStore = {
    read: () => Promise.reject(new Error('the database is away')),
    change: () => Promise.reject(new Error('the database is away')),
    close: () => Promise.resolve(),
  };
  let cut: Alerts;
  let isAway: boolean;

  beforeEach(async () => {
    const store = new FileAlertStore(join(folder, 'shared'), () => nowMs);
    const now = (): AlertStore => (isAway ? gone : store);
    isAway = false;
    cut = new Alerts(
      parseConfiguration({ DATA_DIR: folder }),
      () => nowMs,
      [webhook],
      new ServiceMetrics(),
      {
        read: () => now().read(),
        change: (apply) => now().change(apply),
        close: () => store.close(),
      },
      SOLE_HOLDER,
    );
    await cut.onModuleInit();
    await cut.observe({ causes: [errors], undecided: { kinds: new Set(), inputs: new Set() } });
    isAway = true;
  });
  afterEach(() => cut.onModuleDestroy());

  it('shows alerts as they were, and refuses an acknowledgement with what to do', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1001));
    await cut.refresh();
    expect(cut.list()).toHaveLength(1);
    await expect(cut.acknowledge(cut.list()[0]?.id ?? '', 'note', 'me')).rejects.toMatchObject({
      document: { status: 503 },
      options: { headers: { 'Retry-After': '5' } },
    });
    expect(cut.list()[0]?.state).toBe('open');
  });

  it('tells nobody what it could not keep, and tells it once when it can', async () => {
    const findings: Findings = {
      causes: [errors, drift],
      undecided: { kinds: new Set(), inputs: new Set() },
    };
    await expect(cut.observe(findings)).rejects.toThrow('the database is away');
    expect(webhook.told).toHaveLength(1);
    isAway = false;
    await cut.observe(findings);
    await cut.observe(findings);
    expect(webhook.told.map(({ alert }) => alert.kind)).toEqual(['error_rate', 'input_drifted']);
  });
});
