import { type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { type FoldState } from '../../src/monitoring/traffic';
import { someReport } from './drift-report';
import { NOW_MS } from './monitoring';
import { someTraffic } from './traffic';

const DAY_MS = 24 * 3_600_000;

/** The engine of a service that has read all of its log, which began 40 days ago. */
export function fakeEngine(differences: Partial<MonitoringEngine> = {}): MonitoringEngine {
  return {
    traffic: (span) => Promise.resolve(someTraffic(span)),
    state: () => Promise.resolve(someFoldState()),
    catchUp: () => Promise.resolve(),
    reportDrift: () => Promise.resolve(someReport()),
    close: () => Promise.resolve(),
    ...differences,
  };
}

export function someFoldState(differences: Partial<FoldState> = {}): FoldState {
  return {
    records: 403_122,
    lastRecordAtMs: NOW_MS - 2_300,
    firstRecordAtMs: NOW_MS - 40 * DAY_MS,
    caughtUp: true,
    lagMs: 0,
    damagedLines: 0,
    problem: null,
    ...differences,
  };
}
