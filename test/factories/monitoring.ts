import { type Alert } from '../../src/monitoring/alerts/alert';
import { type DriftJobStatus } from '../../src/monitoring/drift/drift-job';
import { type VitalsPoint } from '../../src/monitoring/vitals/vitals';

/** The time at which all of the made-up figures stand: a Monday at noon, half past. */
export const NOW_MS = Date.UTC(2026, 10, 23, 12, 30);

/** The model that made all of the made-up decisions. */
export const MODEL = {
  name: 'credit-default',
  version: '1.0.0',
  sha256: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00',
};

export function someAlert(differences: Partial<Alert> = {}): Alert {
  return {
    id: '0b7a2d5e-6a4b-4f60-9c5f-2a1f6f1f3c11',
    kind: 'input_drifted',
    subject: 'creditLimit',
    severity: 'critical',
    state: 'open',
    figures: { psi: 0.31, threshold: 0.1, adjustedPValue: 4.8e-13, rows: 9_870, importance: 0.08 },
    openedAt: '2026-11-23T00:05:02.000Z',
    lastSeenAt: '2026-11-23T12:29:00.000Z',
    acknowledgedAt: null,
    note: null,
    acknowledgedBy: null,
    closedAt: null,
    ...differences,
  };
}

export function someJobStatus(differences: Partial<DriftJobStatus> = {}): DriftJobStatus {
  return {
    cron: '5 0 * * *',
    windowHours: 24,
    running: false,
    lastWindowEndMs: Date.UTC(2026, 10, 23),
    lastSuccessAtMs: Date.UTC(2026, 10, 23, 0, 5, 1),
    nextRunAtMs: Date.UTC(2026, 10, 24, 0, 5),
    overdue: false,
    lastFailure: null,
    ...differences,
  };
}

/** An hour of a process at ease. */
export function someVitals(): VitalsPoint[] {
  return Array.from({ length: 360 }, (_, index) => ({
    atMs: NOW_MS - (359 - index) * 10_000,
    cpuShare: 0.06 + 0.03 * Math.sin(index / 20) + (index % 90 === 0 ? 0.4 : 0),
    residentBytes: 172_000_000 + 6_000_000 * Math.sin(index / 60),
    eventLoopDelayP99Ms: 0.6 + (index % 45 === 0 ? 9 : 0),
  }));
}
