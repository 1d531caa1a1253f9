import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly hasInstallScript?: boolean; readonly resolved?: string; readonly integrity?: string }
    >
  >;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(__dirname, '../..', name), 'utf8'));
}

const { allowScripts } = read('package.json') as Manifest;
const installed = Object.entries((read('package-lock.json') as Lock).packages).filter(
  ([path]) => path !== '',
);

/** The name of a package, of the path it is installed at. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

describe('dependencies', () => {
  it('run nothing when they are installed, but three whose scripts are refused', () => {
    const withScript = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = [...new Set(withScript.map(([path]) => nameOf(path)))].sort();
    expect(names.filter((name) => allowScripts[name] !== false)).toEqual([]);
    expect(Object.keys(allowScripts).sort()).toEqual(['@parcel/watcher', '@scarf/scarf', 'unrs-resolver']);
    expect(Object.values(allowScripts)).toEqual([false, false, false]);
  });

  it('are locked with their checksums', () => {
    expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual(
      [],
    );
  });
});
