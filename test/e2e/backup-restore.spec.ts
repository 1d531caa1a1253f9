import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Prediction } from '../../src/prediction/prediction';
import { DecisionLoad } from '../factories/decision-load';
import { Service } from '../factories/service';

/**
 * What the README tells operators to run, with `data` and `backup` for its folders. A segment that is ended meanwhile
 * has another name: then the copy is made again.
 */
const BACK_UP = `segments() { ls data/logs/production_logs.* data/logs/audit/production_logs.* 2> /dev/null; }
until before=$(segments); rm -rf backup; cp -a data backup; [ "$before" = "$(segments)" ]; do :; done`;

/** The same where the service runs in a container, and how it comes back into another one. */
const BACK_UP_CONTAINER = `segments() { docker compose exec -T scoring sh -c 'ls data/logs/production_logs.* data/logs/audit/production_logs.*'; }
until before=$(segments); docker compose exec -T scoring tar -cC data logs > logs.tar; [ "$before" = "$(segments)" ]; do :; done`;
const RESTORE_CONTAINER = 'docker compose run --rm -T scoring tar -xC data < logs.tar';

/** In the place of an engine: what is to run in the container runs in the folder above `data`. */
const DOCKER = `#!/bin/sh
while [ "$1" != scoring ]; do shift; done
shift
cd "$CONTAINER" && exec "$@"
`;

/**
 * Stands in for a `cp` that has listed the folder just before the service ended its segment: the first copy has the
 * new, empty file under the old name, and nothing under the new one.
 */
const CP_THAT_MEETS_THE_END_OF_A_SEGMENT = `#!/bin/sh
if [ ! -e met ]; then
  touch met data/logs/seal-request-0123456789abcdef
  while [ -e data/logs/seal-request-0123456789abcdef ]; do sleep 0.02; done
  /bin/cp "$@"
  rm backup/logs/production_logs.0*
else
  /bin/cp "$@"
fi
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-backup-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param container the folder where `docker` runs what it is told */
async function run(command: string, container = folder): Promise<void> {
  await promisify(execFile)('sh', ['-c', command], {
    cwd: folder,
    env: {
      ...process.env,
      CONTAINER: container,
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    },
  });
}

const backUp = (): Promise<void> => run(BACK_UP);

async function placeProgram(name: string, text: string): Promise<void> {
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', name), text, { mode: 0o755 });
}

function idOf({ body }: { readonly body: unknown }): string {
  return (body as Prediction).id;
}

function decideWithoutPause(service: Service): DecisionLoad {
  return new DecisionLoad(async () => {
    return idOf(await service.post('/predict', service.exampleBody()).expect(200));
  }, 4);
}

describe('a copy of the data folder, made while the service decides', () => {
  it('is a folder that another service starts with: every decision acknowledged before is there, and new ones follow', async () => {
    const service = await Service.start({ DATA_DIR: join(folder, 'data') });
    const load = decideWithoutPause(service);
    await load.more(50);
    const acknowledged = [...load.acknowledged];
    await load.more(1);
    await backUp();
    await load.more(1);
    await load.stop();
    await service.stop();

    const restored = await Service.start({ DATA_DIR: join(folder, 'backup') });
    for (const id of acknowledged) await restored.get(`/predictions/${id}`).expect(200);
    const replayed = await restored.post(`/predictions/${acknowledged[0] ?? ''}/replay`, {}).expect(200);
    expect(replayed.body).toMatchObject({ identical: true });
    const next = idOf(await restored.post('/predict', restored.exampleBody()).expect(200));
    expect(acknowledged.filter((id) => id >= next)).toEqual([]);
    await restored.stop();
  });

  it('may end within a record, which is cut off, and none that was acknowledged before is lost', async () => {
    const service = await Service.start({ DATA_DIR: join(folder, 'data') });
    const predict = async (): Promise<string> =>
      idOf(await service.post('/predict', service.exampleBody()).expect(200));
    const acknowledged = [await predict(), await predict()];
    const torn = await predict();
    await backUp();
    await service.stop();
    // What a copy holds that met the last record half written.
    const active = join(folder, 'backup/logs/production_logs.json');
    await truncate(active, (await stat(active)).size - 100);

    const restored = await Service.start({ DATA_DIR: join(folder, 'backup') });
    for (const id of acknowledged) await restored.get(`/predictions/${id}`).expect(200);
    await restored.get(`/predictions/${torn}`).expect(404);
    await restored.post('/predict', restored.exampleBody()).expect(200);
    await restored.stop();
  });

  it('is made again when a segment ended meanwhile, which the first copy missed under its new name', async () => {
    const service = await Service.start({ DATA_DIR: join(folder, 'data') });
    const id = idOf(await service.post('/predict', service.exampleBody()).expect(200));
    await placeProgram('cp', CP_THAT_MEETS_THE_END_OF_A_SEGMENT);
    await backUp();
    await service.stop();
    expect(await readdir(folder)).toContain('met');

    const restored = await Service.start({ DATA_DIR: join(folder, 'backup') });
    await restored.get(`/predictions/${id}`).expect(200);
    const listed = await restored.get('/predictions').expect(200);
    expect((listed.body as { items: unknown[] }).items).toHaveLength(1);
    await restored.stop();
  });

  it('comes out of a container, and into an empty one, as an archive', async () => {
    await placeProgram('docker', DOCKER);
    const service = await Service.start({ DATA_DIR: join(folder, 'data') });
    const load = decideWithoutPause(service);
    await load.more(50);
    const acknowledged = [...load.acknowledged];
    await run(BACK_UP_CONTAINER);
    await load.stop();
    await service.stop();

    await mkdir(join(folder, 'other/data/logs'), { recursive: true });
    await run(RESTORE_CONTAINER, join(folder, 'other'));
    const restored = await Service.start({ DATA_DIR: join(folder, 'other/data') });
    for (const id of acknowledged) await restored.get(`/predictions/${id}`).expect(200);
    await restored.post('/predict', restored.exampleBody()).expect(200);
    await restored.stop();
  });
});
