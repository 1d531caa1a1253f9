import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const OUTPUT = join(ROOT, 'build', 'faults');

/**
 * Compiles the project for processes that a test starts and kills.
 *
 * @param name of a file in `test/faults`, without its ending
 * @returns path of its JavaScript
 */
export function compileChild(name: string): string {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(
    process.execPath,
    [compiler, '-p', join(ROOT, 'tsconfig.json'), '--noCheck', '--noEmit', 'false', '--outDir', OUTPUT],
    { stdio: 'inherit' },
  );
  return join(OUTPUT, 'test', 'faults', `${name}.js`);
}
