import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { FaultyFiles } from '../../../test/factories/faulty-files';
import { ProblemException } from '../../common/http/problem';
import { ReadinessConditions } from '../../common/readiness-conditions';
import { FilePredictionLog } from '../../logging/file/file-prediction-log';
import { type LogPage } from '../../logging/prediction-log';
import { type DecisionRecord, type PredictionRecord } from '../../logging/prediction-record';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { ActiveModels } from '../../model/active-models';
import { FolderModelRegistry } from '../../model/folder-model-registry';
import { type Application, type InputValue } from '../../scoring/application/application';
import { PredictionService } from '../prediction.service';
import { ScoredProbabilities } from '../probabilities/scored-probabilities';
import { RefusalRecorder } from '../refusal-recorder';
import { type IdempotentPrediction, IdempotentPredictions } from './idempotent-predictions';
import { IndexedDecisions } from './indexed-decisions';
import { KeyMemory } from './key-memory';

const NOON = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Small enough that a few decisions begin a new one. */
const MAX_SEGMENT_BYTES = 8 * 1024;

let models: ActiveModels;
let logFolder: string;
let now: number;
beforeAll(async () => {
  models = await ActiveModels.load(new FolderModelRegistry(resolve('models')), undefined);
  Logger.overrideLogger(false);
});
beforeEach(async () => {
  logFolder = await mkdtemp(join(tmpdir(), 'idempotency-'));
  now = NOON;
});
afterEach(() => rm(logFolder, { recursive: true, force: true }));

/** One process on the log's folder: the real log, memory and scoring, on a clock of the test's. */
class Process {
  private constructor(
    readonly log: FilePredictionLog,
    readonly keys: KeyMemory,
    readonly predictions: IdempotentPredictions,
    readonly readiness: ReadinessConditions,
  ) {}

  static async start(openFile?: FaultyFiles['open'], { settled = true } = {}): Promise<Process> {
    const clock = (): number => now;
    const log = await FilePredictionLog.open({
      folder: logFolder,
      fsync: 'never',
      clock,
      onFatal: (error) => {
        throw error;
      },
      maxSegmentBytes: MAX_SEGMENT_BYTES,
      ...(openFile && { openFile }),
    });
    const readiness = new ReadinessConditions();
    const keys = new KeyMemory(log, clock, { log: { folder: logFolder, fsync: 'never' } }, readiness);
    const service = new PredictionService(
      models,
      log,
      new RefusalRecorder(log),
      new ServiceMetrics(),
      new ScoredProbabilities(),
    );
    keys.onModuleInit();
    if (settled) await keys.settled();
    return new Process(
      log,
      keys,
      new IdempotentPredictions(service, new IndexedDecisions(keys, log)),
      readiness,
    );
  }

  send(key: string, application: Application, who: Partial<Who> = {}): Promise<IdempotentPrediction> {
    const context = { requestId: 'request', caller: 'anonymous', receivedAt: 0, ...who };
    return this.predictions.score(application, context, key);
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    await this.keys.beforeApplicationShutdown();
    await this.log.close();
  }

  /** What a kill leaves: nothing is checkpointed; only the folder's lock must be let go within one process. */
  async kill(): Promise<void> {
    const index = await readIndexFiles();
    await this.stop();
    await rm(join(logFolder, 'idempotency'), { recursive: true, force: true });
    await cp(index, join(logFolder, 'idempotency'), { recursive: true });
    await rm(index, { recursive: true });
  }

  /** All records under a key, oldest first. */
  async recordsOf(key: string): Promise<PredictionRecord[]> {
    const { records } = await this.log.read({ limit: 10_000 });
    return records.filter(({ idempotencyKey }) => idempotencyKey === key);
  }
}

interface Who {
  readonly caller: string;
  readonly tenant: string;
}

/** A copy of the index files as they are now. */
async function readIndexFiles(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'idempotency-copy-'));
  await cp(join(logFolder, 'idempotency'), copy, { recursive: true });
  return copy;
}

/** The examples of the manifest, as client number n. */
function anApplication(client = 1): Application {
  const { inputs } = models.champion().bundle;
  return {
    clientId: `client-${client}`,
    inputs: Object.fromEntries(inputs.map(({ name, example }): [string, InputValue] => [name, example])),
  };
}

function refusalWith(status: number, headers?: Record<string, string>): unknown {
  return expect.objectContaining({
    document: expect.objectContaining({ status }) as unknown,
    ...(headers && { options: { headers } }),
  });
}

describe('a key that is sent again', () => {
  it('gets the same answer byte for byte, and one record that carries the key', async () => {
    const service = await Process.start();
    const first = await service.send('key', anApplication());
    const second = await service.send('key', anApplication());
    expect(first.replayed).toBe(false);
    expect(second.replayed).toBe(true);
    expect(JSON.stringify(second.prediction)).toBe(JSON.stringify(first.prediction));
    expect(await service.recordsOf('key')).toEqual([
      expect.objectContaining({ id: first.prediction.id, idempotencyKey: 'key', clientId: 'client-1' }),
    ]);
    await service.stop();
  });

  it('is refused with 422 for another application, and stands for the first one still', async () => {
    const service = await Process.start();
    await service.send('key', anApplication(1));
    await expect(service.send('key', anApplication(2))).rejects.toEqual(refusalWith(422));
    expect((await service.send('key', anApplication(1))).replayed).toBe(true);
    await service.stop();
  });

  it('is another key for another caller and for another tenant', async () => {
    const service = await Process.start();
    const ids = new Set<string>();
    for (const who of [
      { caller: 'a', tenant: 'x' },
      { caller: 'b', tenant: 'x' },
      { caller: 'a', tenant: 'y' },
    ]) {
      const { replayed, prediction } = await service.send('key', anApplication(), who);
      expect(replayed).toBe(false);
      ids.add(prediction.id);
    }
    expect(ids.size).toBe(3);
    await service.stop();
  });

  it('makes one decision for 100 requests at once: the others get 409 with Retry-After', async () => {
    const service = await Process.start();
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => service.send('key', anApplication())),
    );
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    expect(refused).toEqual(new Array(99).fill(refusalWith(409, { 'Retry-After': '1' })));
    expect(await service.recordsOf('key')).toHaveLength(1);
    await service.stop();
  });

  it('is replayed to all of 100 requests at once when it was answered before', async () => {
    const service = await Process.start();
    const { prediction } = await service.send('key', anApplication());
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => service.send('key', anApplication())),
    );
    expect(answers).toEqual(new Array(100).fill({ prediction, replayed: true }));
    await service.stop();
  });

  it('is free again 24 hours after its record, to the millisecond', async () => {
    const service = await Process.start();
    const first = await service.send('key', anApplication(1));
    now += DAY - 1;
    expect((await service.send('key', anApplication(1))).replayed).toBe(true);
    now += 1;
    const second = await service.send('key', anApplication(2));
    expect(second.replayed).toBe(false);
    expect(second.prediction.id > first.prediction.id).toBe(true);
    await service.stop();
  });

  it('is free after a decision whose record could not be kept', async () => {
    const files = new FaultyFiles();
    const service = await Process.start(files.open);
    files.next('write', { code: 'ENOSPC' });
    await expect(service.send('key', anApplication(1))).rejects.toEqual(refusalWith(503));
    expect((await service.send('key', anApplication(2))).replayed).toBe(false);
    expect(await service.recordsOf('key')).toHaveLength(1);
    await service.stop();
  });

  it('is free after an application that could not be scored', async () => {
    const service = await Process.start();
    const largest = models.champion().bundle.inputs.map(({ name }): [string, InputValue] => [name, 1e300]);
    const unscorable = { inputs: Object.fromEntries(largest) };
    await expect(service.send('key', unscorable)).rejects.toBeInstanceOf(ProblemException);
    expect((await service.send('key', anApplication())).replayed).toBe(false);
    await service.stop();
  });

  it('decides once more, for one of many requests, when the line of its record was damaged since', async () => {
    const first = await Process.start();
    const { prediction } = await first.send('key', anApplication());
    await first.send('other', anApplication());
    await first.stop();
    const path = join(logFolder, 'production_logs.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"decision":"APPROVED"', '"decision":"APPROVEX"'));

    const second = await Process.start();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => second.send('key', anApplication())),
    );
    const decided = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(decided.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const records = await second.recordsOf('key');
    expect(records).toHaveLength(1);
    expect(records[0]?.id).not.toBe(prediction.id);
    await second.stop();
  });
});

describe('after a restart', () => {
  const KEYS = Array.from({ length: 40 }, (_, number) => `key-${number}`);

  async function decideAll(service: Process): Promise<string[]> {
    const texts: string[] = [];
    for (const key of KEYS) {
      texts.push(JSON.stringify((await service.send(key, anApplication())).prediction));
      now += MINUTE;
    }
    return texts;
  }

  it.each(['stop', 'kill'] as const)(
    'by a %s every key gets its answer, whatever segment it is in',
    async (how) => {
      const first = await Process.start();
      const texts = await decideAll(first);
      await first[how]();
      const segments = (await readdir(logFolder)).filter((name) => name.startsWith('production_logs.0'));
      expect(segments.length).toBeGreaterThan(2);

      const second = await Process.start();
      const answers = await Promise.all(KEYS.map((key) => second.send(key, anApplication())));
      expect(answers.every(({ replayed }) => replayed)).toBe(true);
      expect(answers.map(({ prediction }) => JSON.stringify(prediction))).toEqual(texts);
      await second.stop();
    },
  );

  it('reads no more of the log than what came after the last checkpoint', async () => {
    const first = await Process.start();
    await decideAll(first);
    await first.keys.checkpoint();
    await first.send('late', anApplication());
    await first.kill();

    const read = jest.spyOn(FilePredictionLog.prototype, 'read');
    const second = await Process.start();
    const pages = await Promise.all(read.mock.results.map(({ value }) => value as Promise<LogPage>));
    read.mockRestore();
    // One record behind the checkpoint, and the newest one for the next checkpoint.
    expect(pages.flatMap(({ records }) => records.map(({ idempotencyKey }) => idempotencyKey))).toEqual([
      'late',
      'late',
    ]);
    expect((await second.send('key-0', anApplication())).replayed).toBe(true);
    expect((await second.send('late', anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it('reads nothing of the log after a clean stop, and has written each key once', async () => {
    const first = await Process.start();
    await first.send('key-0', anApplication());
    await first.keys.checkpoint();
    await first.send('key-1', anApplication());
    await first.stop();
    const folder = join(logFolder, 'idempotency');
    const sizes = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    // Two blocks of a head and a checksum, 48 bytes, and an entry, 32 bytes.
    expect(sizes.reduce((sum, { length }) => sum + length, 0)).toBe(2 * (48 + 32));

    const read = jest.spyOn(FilePredictionLog.prototype, 'read');
    const second = await Process.start();
    const pages = await Promise.all(read.mock.results.map(({ value }) => value as Promise<LogPage>));
    read.mockRestore();
    expect(pages[0]?.records).toEqual([]);
    expect((await second.send('key-1', anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it.each([
    ['are gone', (path: string): Promise<void> => rm(path)],
    [
      'are damaged',
      (path: string): Promise<void> => appendFile(path, 'x').then(() => writeFile(path, 'damaged')),
    ],
    ['have rubbish at their end', (path: string): Promise<void> => appendFile(path, Buffer.alloc(300, 1))],
  ])('makes the index from the log when its files %s', async (_what, damage) => {
    const first = await Process.start();
    const texts = await decideAll(first);
    await first.stop();
    const folder = join(logFolder, 'idempotency');
    for (const name of await readdir(folder)) await damage(join(folder, name));

    for (let restart = 1; restart <= 2; restart += 1) {
      const next = await Process.start();
      const answers = await Promise.all(KEYS.map((key) => next.send(key, anApplication())));
      expect(answers.map(({ prediction }) => JSON.stringify(prediction))).toEqual(texts);
      await next.stop();
    }
  });

  it('does not believe index files that are ahead of the log, as after a power cut', async () => {
    const first = await Process.start();
    await decideAll(first);
    const copy = await mkdtemp(join(tmpdir(), 'idempotency-log-'));
    await cp(join(logFolder, 'production_logs.json'), join(copy, 'production_logs.json'));
    await first.send('lost', anApplication(1));
    await first.stop();
    await cp(join(copy, 'production_logs.json'), join(logFolder, 'production_logs.json'));
    await rm(copy, { recursive: true });

    // With the clock set back, new ids lie below those that were lost.
    now -= HOUR / 2;
    const second = await Process.start();
    expect((await second.send('lost', anApplication(2))).replayed).toBe(false);
    expect((await second.send('key-39', anApplication())).replayed).toBe(true);
    await second.send('new', anApplication());
    await second.kill();
    const third = await Process.start();
    expect((await third.send('new', anApplication())).replayed).toBe(true);
    await third.stop();
  });

  it('refuses keys with 503 and Retry-After, and is not ready, until the index is complete', async () => {
    const first = await Process.start();
    await first.send('key', anApplication());
    await first.kill();
    const second = await Process.start(undefined, { settled: false });
    await expect(second.send('key', anApplication())).rejects.toEqual(
      refusalWith(503, { 'Retry-After': '2' }),
    );
    expect(second.readiness.findReason()).toMatch(/idempotency keys/);
    await second.keys.settled();
    expect(second.readiness.findReason()).toBeUndefined();
    expect((await second.send('key', anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it('goes on refusing keys while the log cannot be read, and stops cleanly', async () => {
    const first = await Process.start();
    await first.send('key', anApplication());
    await first.kill();

    const broken = Object.assign(new Error('broken'), { code: 'EIO' });
    const read = jest.spyOn(FilePredictionLog.prototype, 'read').mockRejectedValue(broken);
    const second = await Process.start();
    await expect(second.send('key', anApplication())).rejects.toEqual(refusalWith(503));
    expect(second.readiness.findReason()).toMatch(/idempotency keys/);
    await second.stop();
    read.mockRestore();
  });

  it('decides all the same when the index files cannot be written', async () => {
    const service = await Process.start();
    await rm(join(logFolder, 'idempotency'), { recursive: true, force: true });
    await writeFile(join(logFolder, 'idempotency'), 'a file where the folder was');
    const { prediction } = await service.send('key', anApplication());
    await service.keys.checkpoint();
    expect(await service.send('key', anApplication())).toEqual({ prediction, replayed: true });
    await service.stop();
  });
});

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
        await rm(logFolder, { recursive: true, force: true });
        now = NOON;
        let latest = now;
        let service = await Process.start();
        const model = new Map<number, Kept>();
        let decisions = 0;
        for (const step of sequence) {
          switch (step.kind) {
            case 'send':
              for (let time = 0; time < step.times; time += 1) {
                const kept = model.get(step.key);
                const stands = kept !== undefined && now < kept.atMs + DAY;
                const answer = service.send(`key-${step.key}`, anApplication(step.client));
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
              now = Math.max(now + step.milliseconds, latest - HOUR);
              latest = Math.max(latest, now);
              break;
            case 'checkpoint':
              await service.keys.checkpoint();
              break;
            default:
              await (step.kind === 'kill' ? service.kill() : service.stop());
              await damageFiles(step);
              service = await Process.start();
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
    const folder = join(logFolder, 'idempotency');
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
