import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { loadModel } from '../factories/decided-log';
import { readDecidedRows } from '../factories/drift-window';
import { aDecision } from '../factories/prediction-record';

/** Which decisions there shall be. */
export interface EarlierDecisions {
  readonly count: number;
  readonly fromMs: number;
  /** Distance in time of one to the next, milliseconds. */
  readonly stepMs: number;
}

/** Keeps decisions on clients of the hold-out sample in an empty database, as a service of the past would have. */
export async function keepEarlierDecisions(databaseUrl: string, earlier: EarlierDecisions): Promise<void> {
  const model = await loadModel();
  await migrateDatabase(databaseUrl);
  const database = new Database({ url: databaseUrl });
  let now = earlier.fromMs;
  const log = await PostgresPredictionLog.open({ database, clock: () => now });
  for (const row of readDecidedRows(model, 'data/samples/holdout.csv').slice(0, earlier.count)) {
    await log.append<DecisionRecord>(aDecision({ ...row, model: { ...model.identity, role: 'champion' } }));
    now += earlier.stepMs;
  }
  await log.close();
  await database.close();
}
