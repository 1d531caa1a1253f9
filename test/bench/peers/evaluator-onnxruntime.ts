import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BenchForest } from '../forests/bench-forest';
import { type EvaluatorPeer } from './evaluator-peer';

/** What is used of onnxruntime-node, which only the bench installs (test/bench/package.json). */
interface OnnxRuntime {
  InferenceSession: {
    create(path: string, options: { intraOpNumThreads: number; interOpNumThreads: number }): Promise<Session>;
  };
  Tensor: new (type: 'float32', data: Float32Array, dimensions: number[]) => object;
}

interface Session {
  run(feeds: { rows: object }, fetches: string[]): Promise<{ probability: { data: Float32Array } }>;
}

/**
 * The same forest as an ONNX graph, on one thread.
 *
 * @param outputs probabilities a row: 1 for the regressor, 2 for the classifier, of which the second is P(default)
 * @returns undefined when onnxruntime-node is not installed
 */
export async function onnxRuntimeEvaluator(
  graph: 'regressor' | 'classifier',
  outputs: number,
  { forest, rows, rowCount, folder }: BenchForest,
): Promise<EvaluatorPeer | undefined> {
  const runtime = loadOnnxRuntime();
  if (runtime === undefined || folder === undefined) {
    return undefined;
  }
  const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = await runtime.InferenceSession.create(join(folder, `${graph}.onnx`), threads);
  const tensor = (first: number, count: number): object => {
    const data = rows.subarray(first * forest.featureCount, (first + count) * forest.featureCount);
    return new runtime.Tensor('float32', data, [count, forest.featureCount]);
  };
  const single = Array.from({ length: rowCount }, (_, row) => tensor(row, 1)); // made before the clock starts
  const all = tensor(0, rowCount);
  const run = async (input: object): Promise<Float32Array> =>
    (await session.run({ rows: input }, ['probability'])).probability.data;
  return {
    name: `onnxruntime, ${graph}`,
    async timeSingle(first, count) {
      const start = process.hrtime.bigint();
      for (let row = first; row < first + count; row++) {
        await run(single[row % rowCount] as object);
      }
      return Number(process.hrtime.bigint() - start) / 1_000 / count;
    },
    async timeBatch() {
      const start = process.hrtime.bigint();
      await run(all);
      return Number(process.hrtime.bigint() - start) / 1_000 / rowCount;
    },
    async probabilities() {
      const data = await run(all);
      return Float64Array.from({ length: rowCount }, (_, row) => data[row * outputs + outputs - 1] as number);
    },
  };
}

function loadOnnxRuntime(): OnnxRuntime | undefined {
  const require = createRequire(join(process.cwd(), 'test', 'bench', 'package.json'));
  try {
    return require('onnxruntime-node') as OnnxRuntime;
  } catch {
    return undefined;
  }
}
