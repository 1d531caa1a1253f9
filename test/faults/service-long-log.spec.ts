import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Prediction } from '../../src/prediction/prediction';
import { generateLog } from '../bench/generate-log';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

/** `RECORDS=10000000` takes ten gigabytes and some minutes; the default shows the same in one. */
const RECORDS = Number(process.env['RECORDS'] ?? '500000');

const MOST_RESIDENT_BYTES = 512 * 1024 * 1024;

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'service-long-log-'));
  await generateLog({ folder: join(dataFolder, 'logs'), rows: RECORDS, days: 30, end: Date.now(), seed: 1 });
}, 900_000);
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

interface Overview {
  readonly reading: { readonly caughtUp: boolean; readonly records: number } | null;
  readonly traffic: { readonly totals: { readonly requests: number } } | null;
}

async function caughtUp(service: ServiceProcess): Promise<number> {
  for (;;) {
    const answer = await service.send('GET', '/monitoring/api?period=month');
    const { reading, traffic } = JSON.parse(answer?.body ?? '{}') as Overview;
    if (reading?.caughtUp && traffic) return traffic.totals.requests;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function peakResidentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

it(`beside ${RECORDS} records the service starts and decides at once, counts each of them, and stays small, also after a kill`, async () => {
  for (const start of ['first', 'after a kill']) {
    const service = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder });
    await service.ready();
    const answer = await service.send('POST', '/predict', exampleBody());
    expect(answer?.status).toBe(200);
    const { id } = JSON.parse(answer?.body ?? '') as Prediction;
    expect((await service.send('GET', `/predictions/${id}`))?.status).toBe(200);
    const decided = start === 'first' ? 1 : 2;
    // The month shown begins with a whole day, so the oldest hours may lie before it.
    const requests = await caughtUp(service);
    expect(requests).toBeGreaterThan(RECORDS * 0.95);
    expect(requests).toBeLessThanOrEqual(RECORDS + decided);
    expect(await peakResidentBytes(service.child.pid ?? 0)).toBeLessThan(MOST_RESIDENT_BYTES);
    await service.kill();
  }
}, 900_000);
