import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { type Prediction } from '../../src/prediction/prediction';
import { Service } from '../factories/service';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'roles-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

describe('one process decides and another one watches', () => {
  it('sees in the second what the first decided, and replays it there', async () => {
    const api = await Service.start({ ROLES: 'api', DATA_DIR: dataFolder });
    const watcher = await Service.start({ ROLES: 'monitoring', DATA_DIR: dataFolder });
    await watcher.get('/health').expect(200);
    const { id } = (await api.post('/predict', api.exampleBody()).expect(200)).body as Prediction;
    await watcher.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false }).catchUp();
    const record = await watcher.get(`/predictions/${id}`).expect(200);
    expect(record.body).toMatchObject({ id, decision: expect.any(String) as string });
    await watcher.post(`/predictions/${id}/replay`, {}).expect(200, /"identical":true/);
    const engine = watcher.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false });
    const now = Date.now();
    expect((await engine.traffic({ fromMs: now - 60_000, toMs: now })).totals.requests).toBe(1);
    await watcher.stop();
    await api.stop();
  });

  it('decides nothing where it only watches, and shows no pages where it only decides', async () => {
    const api = await Service.start({ ROLES: 'api', DATA_DIR: dataFolder });
    const watcher = await Service.start({ ROLES: 'monitoring', DATA_DIR: dataFolder });
    await watcher.post('/predict', api.exampleBody()).expect(404);
    await watcher.get('/').expect(302).expect('Location', '/monitoring');
    await api.get('/monitoring').expect(404);
    await api.get('/').expect(302).expect('Location', '/docs');
    await watcher.stop();
    await api.stop();
  });

  it('refuses a second watcher of the same folder, saying what to do', async () => {
    const first = await Service.start({ ROLES: 'monitoring', DATA_DIR: dataFolder });
    await expect(Service.start({ ROLES: 'monitoring', DATA_DIR: dataFolder })).rejects.toThrow(
      `What monitoring keeps in ${join(dataFolder, 'logs/monitoring')} is taken: another process writes there. Stop that process`,
    );
    await first.stop();
  });
});
