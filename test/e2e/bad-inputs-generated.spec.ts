import { Agent, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Service } from '../factories/service';
import { type GeneratedBody, generateBodies } from '../fixtures/bad-inputs/generate-bodies';

/** Sent together, over the kept-alive connections below. */
const BODIES_A_RUN = 100;
const RUNS = 1_000;
/** Below what the service could call an overload, however slow the machine is. */
const CONNECTIONS = 8;
/** So that code is compiled and buffers have their size before memory is measured. */
const WARM_UP_RUNS = 20;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;
const SEED = 20_261_123;
/** A minute and a half on a quiet machine. */
const PATIENCE_MS = 600_000;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
/** How often each status was answered. */
const statuses = new Map<number, number>();

let service: Service;
let bodies: fc.Arbitrary<GeneratedBody>;
beforeAll(async () => {
  service = await Service.start();
  const { bundle } = service.model;
  bodies = generateBodies(bundle.inputs, bundle.protectedInputs);
});
afterAll(async () => {
  agent.destroy();
  await service.remove();
});

function post({ path, bytes }: GeneratedBody): Promise<{ status: number; text: string }> {
  const { port } = service.server.address() as AddressInfo;
  const headers = { 'Content-Type': 'application/json', 'Content-Length': bytes.length };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** Every answer is a decision or says what was wrong; and the application itself is never at fault. */
async function sendAll(runs: number, seed: number): Promise<void> {
  const together = fc.array(bodies, { minLength: BODIES_A_RUN, maxLength: BODIES_A_RUN });
  const property = fc.asyncProperty(together, async (sent) => {
    for (const { status, text } of await Promise.all(sent.map(post))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect([status, text]).toEqual([
        status === 200 ? 200 : 400,
        expect.not.stringContaining('node_modules'),
      ]);
      if (status === 400) expect(text).toContain('"type":"urn:credit-scoring:problem:');
    }
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
}

/** Heap and buffers that are still in use, bytes. */
function measureMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Every property of the objects that all others inherit from: its name, and what it is now. */
function listPrototypes(): unknown[] {
  const prototypes = [Object, Array, String, Number, Function].map(({ prototype }) => prototype as object);
  return prototypes.flatMap((prototype) =>
    Reflect.ownKeys(prototype).flatMap((key) => {
      const property: Record<string, unknown> = { ...Object.getOwnPropertyDescriptor(prototype, key) };
      return [key, property['value'], property['get'], property['set']];
    }),
  );
}

describe('bodies that nobody would write', () => {
  it(
    `get 200 or 400, ${RUNS * BODIES_A_RUN} of them, and leave no trace in memory or prototypes`,
    async () => {
      await sendAll(WARM_UP_RUNS, SEED - 1);
      statuses.clear();
      const prototypes = listPrototypes();
      const before = measureMemory();
      await sendAll(RUNS, SEED);
      expect(measureMemory() - before).toBeLessThan(MOST_GROWTH_BYTES);
      const changed = listPrototypes().filter((part, index) => !Object.is(part, prototypes[index]));
      expect([listPrototypes().length, changed]).toEqual([prototypes.length, []]);
      // Otherwise they were too wild, or too tame, to show anything.
      expect(statuses.get(200)).toBeGreaterThan((RUNS * BODIES_A_RUN) / 20);
      expect(statuses.get(400)).toBeGreaterThan((RUNS * BODIES_A_RUN) / 2);
    },
    PATIENCE_MS,
  );

  it('leave a service that decides, counts and tells what it refused', async () => {
    await service.post('/predict', service.exampleBody()).expect(200);
    await service.get('/monitoring/api?format=csv&table=refused-fields').expect(200);
    await service.get('/monitoring').expect(200);
    await service.get('/metrics').expect(200);
    expect(service.fatalErrors).toEqual([]);
  });
});
