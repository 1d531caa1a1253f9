import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join('test', 'bench', 'peers', 'make_forests.py');

/**
 * The folder with scikit-learn's forests, made on first use and again whenever the script changes.
 *
 * @returns undefined, after saying why, when Python or one of its packages is missing
 */
export function makeBenchForests(): string | undefined {
  const version = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 12);
  const folder = join('build', 'bench', `forests-${version}`);
  if (['a', 'b', 'a-missing'].every((name) => existsSync(join(folder, name, 'forest.json')))) {
    return folder;
  }
  const python = process.env['BENCH_PYTHON'] ?? 'python3';
  if (spawnSync(python, ['-c', 'import numpy, onnx, sklearn']).status !== 0) {
    console.log(
      `Left out: scikit-learn's forests, and onnxruntime and nested ifs with them: "${python}" lacks a package.\n` +
        'To add them: pip install -r test/bench/peers/requirements.txt (BENCH_PYTHON names another Python)\n',
    );
    return undefined;
  }
  console.log('Making the forests, once; compiling 300 large functions of nested ifs takes some minutes …');
  const made = spawnSync(python, [SCRIPT, folder], { stdio: 'inherit' });
  if (made.status !== 0) {
    throw new Error(`${SCRIPT} failed`);
  }
  return folder;
}
