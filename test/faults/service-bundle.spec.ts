import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Prediction } from '../../src/prediction/prediction';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

let folder: string;
let modelFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-bundle-'));
  await cp(join(__dirname, '../../models/credit-default'), join(folder, 'models/credit-default'), {
    recursive: true,
  });
  await cp(join(__dirname, '../../data/reference.csv'), join(folder, 'data/reference.csv'));
  modelFile = join(folder, 'models/credit-default/1.0.0/model.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(): Promise<ServiceProcess> {
  const settings = { MODELS_DIR: join(folder, 'models'), DATA_DIR: join(folder, 'kept') };
  return ServiceProcess.start(await findFreePort(), settings);
}

describe('a bundle', () => {
  it.each([
    ['half written', async (): Promise<void> => truncate(modelFile, (await readFile(modelFile)).length / 2)],
    ['empty', (): Promise<void> => truncate(modelFile, 0)],
    [
      'with one threshold changed',
      async (): Promise<void> => {
        const text = await readFile(modelFile, 'utf8');
        await writeFile(modelFile, text.replace(/("threshold":\s*\[)([-\d.e+]+)/, '$1123456.5'));
      },
    ],
    [
      'without its parity rows',
      (): Promise<void> => rm(join(folder, 'models/credit-default/1.0.0/parity.json')),
    ],
  ])('that is %s lets no service start: exit 1, the file named, no stack', async (_how, damage) => {
    await damage();
    const service = await start();
    expect(await service.ended()).toBe(1);
    expect(service.printed).toMatch(/^The service did not start\. .*(model|parity)\.json/m);
    expect(service.printed).not.toMatch(/\n\s+at /);
  });

  it('that is damaged under a running service changes nothing until the next start', async () => {
    const service = await start();
    await service.ready();
    const before = JSON.parse(
      (await service.send('POST', '/predict', exampleBody()))?.body ?? '',
    ) as Prediction;
    await truncate(modelFile, 100);
    const after = JSON.parse(
      (await service.send('POST', '/predict', exampleBody()))?.body ?? '',
    ) as Prediction;
    expect(after.probability).toBe(before.probability);
    const replay = await service.send('POST', `/predictions/${before.id}/replay`, '{}');
    expect(replay).toMatchObject({
      status: 200,
      body: expect.stringContaining('"identical":true') as string,
    });
    await service.kill();
    const next = await start();
    expect(await next.ended()).toBe(1);
  });
});
