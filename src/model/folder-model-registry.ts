import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ModelNotFoundError,
  type ModelReference,
  type ModelRegistry,
  type StoredBundle,
} from './model-registry';

const VERSION_PATTERN = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const NAME_PATTERN = /^[a-z0-9][a-z0-9.-]*$/;

/** Bundles in a folder: `<folder>/<name>/<version>/model.json` and `parity.json`. */
export class FolderModelRegistry implements ModelRegistry {
  /** @param folder what `MODELS_DIR` names */
  constructor(private readonly folder: string) {}

  async resolve(selection: string | undefined): Promise<ModelReference> {
    const [name = await this.onlyName(), version] = selection?.split('/') ?? [];
    const versions = await this.versions(name);
    const chosen = version ?? versions.at(-1);
    if (chosen === undefined || !versions.includes(chosen)) {
      const known = versions.length > 0 ? `there are ${versions.join(', ')}` : 'there is none';
      throw new ModelNotFoundError(
        `MODEL: the version asked for is not in ${join(this.folder, name)}: ${known}. Select another, or export the bundle there.`,
      );
    }
    return { name, version: chosen };
  }

  async read({ name, version }: ModelReference): Promise<StoredBundle> {
    if (!NAME_PATTERN.test(name) || !VERSION_PATTERN.test(version)) {
      throw new ModelNotFoundError('A model is named by lower-case letters, digits, dots and hyphens.');
    }
    const folder = join(this.folder, name, version);
    const modelFile = join(folder, 'model.json');
    const parityFile = join(folder, 'parity.json');
    const [model, parity] = await Promise.all([readWhole(modelFile), readWhole(parityFile)]);
    return {
      folder,
      modelFile,
      modelText: model.toString('utf8'),
      sha256: createHash('sha256').update(model).digest('hex'),
      parityFile,
      parityText: parity.toString('utf8'),
    };
  }

  private async onlyName(): Promise<string> {
    const names: string[] = [];
    for (const name of await listFolders(this.folder, NAME_PATTERN)) {
      if ((await this.versions(name)).length > 0) names.push(name);
    }
    const [name] = names;
    if (name !== undefined && names.length === 1) return name;
    throw new ModelNotFoundError(
      names.length === 0
        ? `MODELS_DIR: no bundle in ${this.folder}. Expected <name>/<version>/model.json; train or export one (models/README.md).`
        : `MODEL: ${this.folder} holds several models (${names.join(', ')}). Set MODEL to one of them.`,
    );
  }

  private async versions(name: string): Promise<string[]> {
    const versions = await listFolders(join(this.folder, name), VERSION_PATTERN);
    return versions.sort(compareVersions);
  }
}

async function listFolders(folder: string, pattern: RegExp): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && pattern.test(entry.name))
      .map((entry) => entry.name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    const advice = "Give the service's user the right to read it.";
    throw new ModelNotFoundError(
      `MODELS_DIR: ${folder} cannot be read (${code ?? 'unknown error'}). ${advice}`,
      {
        cause: error,
      },
    );
  }
}

async function readWhole(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ModelNotFoundError(
      `${file}: cannot be read (${code ?? 'unknown error'}). Export the bundle again.`,
      {
        cause: error,
      },
    );
  }
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
