import fc from 'fast-check';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { PostgresAlertStore } from '../../src/monitoring/alerts/postgres-alert-store';
import { PostgresDriftReportStore } from '../../src/monitoring/drift/postgres-drift-report-store';
import { PostgresSummaryStore } from '../../src/monitoring/summary/postgres-summary-store';
import { SummaryHistory } from '../../src/monitoring/summary/summary-history';
import { SummaryRetention } from '../../src/monitoring/summary/summary-retention';
import { DAY_MS, LEVEL_MS, MINUTE_MS, startOfStep } from '../../src/monitoring/summary/time-steps';
import { type SummaryLevel } from '../../src/monitoring/traffic';
import {
  type AlertPlace,
  describeAlertStore,
  describeSharedAlertStore,
} from '../contract/alert-store.contract';
import { describeDriftReportStore } from '../contract/drift-report-store.contract';
import {
  describeSharedSummaryStore,
  describeSummaryStore,
  type SummaryPlace,
} from '../contract/summary-store.contract';
import { aRefusal } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';

let server: PostgresServer;
let url: string;
let database: Database;
beforeAll(async () => {
  server = await PostgresServer.start();
  url = await server.createDatabase();
  await migrateDatabase(url);
  database = new Database({ url });
});
afterAll(async () => {
  await database.close();
  await server.remove();
});

/** Empties the tables of monitoring: a database of its own for each test would take a second. */
async function empty(): Promise<void> {
  await database.query('TRUNCATE monitoring_summaries, drift_reports, shared_state');
}

async function makeSummaryPlace(): Promise<SummaryPlace> {
  await empty();
  return {
    open: (retention) => new PostgresSummaryStore(new Database({ url, maxConnections: 1 }), retention),
    damageHour: async (startMs) => {
      const { rowCount } = await database.query(
        `UPDATE monitoring_summaries SET content = '{' WHERE kind = 'hour' AND start_at = $1`,
        [new Date(startMs)],
      );
      expect(rowCount).toBe(1);
    },
    remove: empty,
  };
}

async function makeAlertPlace(): Promise<AlertPlace> {
  await empty();
  return {
    open: () => new PostgresAlertStore(database),
    damage: async () => {
      await database.query(`UPDATE shared_state SET content = '{"format":"alerts/1"' WHERE name = 'alerts'`);
    },
    remove: empty,
  };
}

describeSummaryStore('PostgreSQL', makeSummaryPlace);
describeSharedSummaryStore('PostgreSQL', makeSummaryPlace);
describeDriftReportStore('PostgreSQL', async () => {
  await empty();
  return { open: () => new PostgresDriftReportStore(database), remove: empty };
});
describeAlertStore('PostgreSQL', makeAlertPlace);
describeSharedAlertStore('PostgreSQL', makeAlertPlace);

const BEGIN_MS = Date.UTC(2026, 10, 22, 20);
/** No minute is too old to be kept; that records come from the future matters to no store. */
const NOW_MS = BEGIN_MS + DAY_MS;
const ALL = { fromMs: BEGIN_MS - DAY_MS, toMs: BEGIN_MS + 14 * DAY_MS };
const LEVELS: readonly SummaryLevel[] = ['minute', 'hour', 'day'];
const model = { sha256: 'a'.repeat(64), layout: { subjects: [], histogramOffset: 0, length: 20 } };

/** Refused requests at so many minutes each after the one before: a log of some days. */
function makeLog(gaps: readonly number[]): readonly PredictionRecord[] {
  let atMs = BEGIN_MS;
  return gaps.map((minutes, index) => {
    atMs += minutes * MINUTE_MS;
    const time = atMs.toString(16).padStart(12, '0');
    const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${index.toString(16).padStart(12, '0')}`;
    return { id, at: new Date(atMs).toISOString(), ...aRefusal() };
  });
}

/** Requests by the start of each step that has any. */
function countSteps(log: readonly PredictionRecord[], level: SummaryLevel): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { at } of log) {
    const startMs = startOfStep(Date.parse(at), LEVEL_MS[level]);
    counts.set(startMs, (counts.get(startMs) ?? 0) + 1);
  }
  return counts;
}

/** One instance's fold, whose process may be killed before any of its statements. */
class Fold {
  /** Statements until the kill. */
  private life = Infinity;
  private history = new SummaryHistory(model, this.makeStore(), () => NOW_MS);

  /** @param damagedLines said of each step: what two instances keep of an hour differs, as with two models */
  constructor(
    private readonly log: readonly PredictionRecord[],
    private readonly damagedLines = 0,
  ) {}

  async start(): Promise<void> {
    this.life = Infinity;
    const store = this.makeStore();
    this.history = new SummaryHistory(model, store, () => NOW_MS);
    this.history.restore(await store.load(NOW_MS));
  }

  /** Adds the next records, and keeps the hours they finish; killed before the statement of that number. */
  async go(records: number, life = Infinity): Promise<void> {
    const { lastId } = this.history;
    const behind = this.log.filter(({ id }) => lastId === undefined || id > lastId);
    this.history.add(behind.slice(0, records), this.damagedLines);
    this.life = life;
    try {
      await this.history.save();
    } catch {
      await this.start();
    }
    this.life = Infinity;
  }

  count(level: SummaryLevel): ReadonlyMap<number, number> {
    return new Map(
      [...this.history.steps(level, ALL)].map(([startMs, summary]) => [startMs, summary.figures().requests]),
    );
  }

  private makeStore(): PostgresSummaryStore {
    const mortal: Pick<Database, 'query' | 'close'> = {
      query: (statement, values) => {
        this.life -= 1;
        if (this.life < 0) throw new Error('killed');
        return database.query(statement, values);
      },
      close: () => Promise.resolve(),
    };
    return new PostgresSummaryStore(mortal, new SummaryRetention(24, 760));
  }
}

describe('two instances that fold one log into one store, at paces of their own and killed anywhere', () => {
  it('count each record once, as does whoever starts after them', async () => {
    const step = fc.record({
      instance: fc.integer({ min: 0, max: 1 }),
      records: fc.integer({ min: 1, max: 25 }),
      life: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 8 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })), { minLength: 1, maxLength: 80 }),
        fc.array(step, { maxLength: 15 }),
        async (gaps, steps) => {
          await empty();
          const log = makeLog(gaps);
          const folds = [new Fold(log), new Fold(log, 1)];
          for (const fold of folds) await fold.start();
          for (const { instance, records, life } of steps) await folds[instance]?.go(records, life);
          // Before the others go on: what they have kept up to here must be enough.
          const late = new Fold(log);
          await late.start();
          await late.go(log.length);
          for (const fold of folds) await fold.go(log.length);
          for (const level of LEVELS) {
            const expected = countSteps(log, level);
            for (const fold of [...folds, late]) expect(fold.count(level)).toEqual(expected);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
