import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BenchForest } from '../forests/bench-forest';
import { type EvaluatorPeer } from './evaluator-peer';

/**
 * Nested C `if` statements in a process of their own, which times itself: no crossing from JavaScript is counted.
 *
 * @returns undefined when `peers/make_forests.py` found no C compiler
 */
export function nestedIfsEvaluator({ folder, rowCount }: BenchForest): EvaluatorPeer | undefined {
  if (folder === undefined || !existsSync(join(folder, 'nested-ifs'))) {
    return undefined;
  }
  const answers = join(folder, 'nested-ifs.f64');
  const child = spawn(join(folder, 'nested-ifs'), [join(folder, 'rows.f32'), answers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const ask = async (first: number, count: number): Promise<number> => {
    const answer = once(lines, 'line');
    child.stdin.write(`${first} ${count}\n`);
    const [nanoseconds] = (await answer) as [string];
    return Number(nanoseconds) / 1_000;
  };
  return {
    name: 'C, nested ifs, gcc -O3',
    timeSingle: ask,
    /** Ends the process: it writes its answers then. */
    async probabilities() {
      await ask(0, rowCount);
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      return new Float64Array(Uint8Array.from(readFileSync(answers)).buffer);
    },
    close: () => child.kill(),
  };
}
