import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { KeyedProcesses, refusalWith } from '../../../test/factories/keyed-processes';
import { type DecisionRecord } from '../../logging/prediction-record';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let processes: KeyedProcesses;
beforeEach(async () => {
  processes = await KeyedProcesses.make();
});
afterEach(() => processes.remove());

describe('any sequence of requests, restarts and hours', () => {
  type Step =
    | { readonly kind: 'send'; readonly key: number; readonly client: number; readonly times: number }
    | { readonly kind: 'wait'; readonly milliseconds: number }
    | { readonly kind: 'checkpoint' | 'stop' | 'kill' | 'lose files' }
    | { readonly kind: 'damage'; readonly at: number };

  const steps = fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('send' as const),
          key: fc.integer({ min: 0, max: 3 }),
          client: fc.integer({ min: 0, max: 1 }),
          times: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('wait' as const),
          milliseconds: fc.oneof(
            fc.integer({ min: 0, max: 26 * HOUR }),
            fc.constantFrom(1, DAY - 1, DAY, HOUR, -HOUR / 2),
          ),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constantFrom('checkpoint', 'stop', 'kill', 'lose files') }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('damage' as const), at: fc.nat(2000) }) },
    ),
    { minLength: 5, maxLength: 30 },
  );

  /** What every key stands for: as simple as it can be said. */
  interface Kept {
    readonly client: number;
    readonly text: string;
    readonly atMs: number;
  }

  it('answers as a list of keys with their answers and times would', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence: readonly Step[]) => {
        await processes.remove();
        processes.now = KeyedProcesses.NOON;
        let latest = processes.now;
        let service = await processes.start();
        const model = new Map<number, Kept>();
        let decisions = 0;
        for (const step of sequence) {
          switch (step.kind) {
            case 'send':
              for (let time = 0; time < step.times; time += 1) {
                const kept = model.get(step.key);
                const stands = kept !== undefined && processes.now < kept.atMs + DAY;
                const answer = service.send(`key-${step.key}`, processes.anApplication(step.client));
                if (stands && kept.client !== step.client) {
                  await expect(answer).rejects.toEqual(refusalWith(422));
                  continue;
                }
                const { prediction, replayed } = await answer;
                expect(replayed).toBe(stands);
                const text = JSON.stringify(prediction);
                if (stands) expect(text).toBe(kept.text);
                else {
                  decisions += 1;
                  const record = (await service.log.find(prediction.id)) as DecisionRecord;
                  model.set(step.key, { client: step.client, text, atMs: Date.parse(record.at) });
                }
              }
              break;
            case 'wait':
              // An hour behind its highest time at most: further back is what nobody can promise.
              processes.now = Math.max(processes.now + step.milliseconds, latest - HOUR);
              latest = Math.max(latest, processes.now);
              break;
            case 'checkpoint':
              await service.keys.checkpoint();
              break;
            default:
              await (step.kind === 'kill' ? service.kill() : service.stop());
              await damageFiles(step);
              service = await processes.start();
          }
        }
        const { records } = await service.log.read({ limit: 10_000 });
        expect(records.filter((record) => 'decision' in record)).toHaveLength(decisions);
        await service.stop();
      }),
      { numRuns: 150 },
    );
  });

  async function damageFiles(step: Step): Promise<void> {
    const folder = processes.indexFolder;
    if (step.kind === 'lose files') await rm(folder, { recursive: true });
    if (step.kind !== 'damage') return;
    const names = (await readdir(folder)).sort();
    const name = names[step.at % Math.max(names.length, 1)];
    if (name === undefined) return;
    const bytes = await readFile(join(folder, name));
    const place = step.at % Math.max(bytes.length, 1);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
  }
});
