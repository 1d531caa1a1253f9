import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileAlertStore } from '../../src/monitoring/alerts/file-alert-store';
import { FileDriftReportStore } from '../../src/monitoring/drift/file-drift-report-store';
import { FileSummaryStore } from '../../src/monitoring/summary/file-summary-store';
import { describeAlertStore } from './alert-store.contract';
import { describeDriftReportStore } from './drift-report-store.contract';
import { describeSummaryStore } from './summary-store.contract';

function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'monitoring-stores-'));
}

describeSummaryStore('files', async () => {
  const folder = await makeFolder();
  return {
    open: (retention) => new FileSummaryStore(folder, retention),
    damageHour: (startMs) =>
      writeFile(join(folder, 'hours', new Date(startMs).toISOString().slice(0, 'yyyy-mm-ddThh'.length)), '{'),
    remove: () => rm(folder, { recursive: true }),
  };
});

describeDriftReportStore('files', async () => {
  const folder = await makeFolder();
  return {
    open: () => new FileDriftReportStore(join(folder, 'drift')),
    remove: () => rm(folder, { recursive: true }),
  };
});

describeAlertStore('a file', async () => {
  const folder = await makeFolder();
  return {
    open: () => new FileAlertStore(folder, Date.now),
    damage: () => writeFile(join(folder, 'alerts.json'), '{"format":"alerts/1"'),
    remove: () => rm(folder, { recursive: true }),
  };
});
