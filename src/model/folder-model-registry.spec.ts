import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFolder } from '../../test/factories/bundle';
import { BundleError } from '../scoring/bundle/bundle-error';
import { ActiveModels } from './active-models';
import { FolderModelRegistry } from './folder-model-registry';
import { ModelNotFoundError } from './model-registry';

let folder: string;
let registry: FolderModelRegistry;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
  registry = new FolderModelRegistry(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function addBundle(name: string, version: string): Promise<string> {
  const target = join(folder, name, version);
  await cp(bundleFolder('german-credit'), target, { recursive: true });
  const file = join(target, 'model.json');
  const model = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...model, name, version }));
  return file;
}

describe('FolderModelRegistry', () => {
  it('chooses the newest version of the only name, by number and not by letter', async () => {
    await addBundle('german-credit', '1.9.0');
    await addBundle('german-credit', '1.10.0');
    await mkdir(join(folder, 'training'));
    expect(await registry.resolve(undefined)).toEqual({ name: 'german-credit', version: '1.10.0' });
    expect(await registry.resolve('german-credit/1.9.0')).toEqual({
      name: 'german-credit',
      version: '1.9.0',
    });
  });

  it('asks for a choice between several names, naming them', async () => {
    await addBundle('german-credit', '1.0.0');
    await addBundle('other', '1.0.0');
    await expect(registry.resolve(undefined)).rejects.toThrow(/MODEL.*german-credit, other/);
    expect(await registry.resolve('other')).toEqual({ name: 'other', version: '1.0.0' });
  });

  it.each([undefined, 'german-credit', 'german-credit/2.0.0', 'nobody'])(
    'says what is there instead of %s',
    async (selection) => {
      if (selection === 'german-credit/2.0.0') await addBundle('german-credit', '1.0.0');
      await expect(registry.resolve(selection)).rejects.toThrow(ModelNotFoundError);
    },
  );
});

describe('ActiveModels', () => {
  it('refuses a bundle whose folder bears another name', async () => {
    await addBundle('german-credit', '1.0.0');
    await cp(join(folder, 'german-credit'), join(folder, 'copy'), { recursive: true });
    await expect(ActiveModels.load(registry, 'copy')).rejects.toThrow(
      /name and version to be those of its folders/,
    );
  });

  it('refuses a bundle without its parity rows, and one that was cut off', async () => {
    const file = await addBundle('german-credit', '1.0.0');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.length / 2));
    await expect(ActiveModels.load(registry, undefined)).rejects.toThrow(BundleError);
    await writeFile(file, text);
    await rm(join(folder, 'german-credit', '1.0.0', 'parity.json'));
    await expect(ActiveModels.load(registry, undefined)).rejects.toThrow(
      /parity\.json: cannot be read \(ENOENT\)/,
    );
  });

  it('refuses a bundle one of whose leaves was changed in its last digits', async () => {
    const file = await addBundle('german-credit', '1.0.0');
    const model = JSON.parse(await readFile(file, 'utf8')) as { forest: { trees: { value: number[] }[] } };
    for (const tree of model.forest.trees)
      tree.value = tree.value.map((value) => (value > 0 && value < 1 ? value * (1 + 1e-15) : value));
    await writeFile(file, JSON.stringify(model));
    await expect(ActiveModels.load(registry, undefined)).rejects.toThrow(
      /parity\.json: rows\[\d+\]\.probability/,
    );
  });
});
