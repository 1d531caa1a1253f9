/**
 * Fills a folder with a prediction log as a month of traffic leaves it, from the root of the repository:
 *
 *   node build/test/bench/generate-log.js --rows 10000000 --days 30 --end 2026-11-23T00:00:00Z --folder DIR
 *
 * Decisions are those of `credit-default` 1.0.0 about the hold-out clients, in an order that `--seed`
 * (1 unless given) determines, as it does everything else: the same options write the same bytes.
 * One in fifty is a refusal. A service started on the folder continues the log.
 */
import { createCipheriv, createHash, type Cipher } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Application } from '../../src/scoring/application/application';
import { computeScore } from '../../src/scoring/policy/compute-score';
import { decide } from '../../src/scoring/policy/decide';
import { describeProblem, type ProblemKind } from '../../src/common/http/problem';
import { MAX_SEGMENT_BYTES } from '../../src/logging/file/file-prediction-log';
import { lineLengthAtMost, writeLine } from '../../src/logging/file/log-line';
import { ACTIVE_SEGMENT, dayOf } from '../../src/logging/file/segment-files';
import { SegmentWriter } from '../../src/logging/file/segment-writer';
import { WriterLock } from '../../src/logging/file/writer-lock';
import { RecordIdIssuer } from '../../src/logging/issue-record-id';
import {
  type DecisionRecord,
  type RecordDraft,
  type RefusalRecord,
} from '../../src/logging/prediction-record';
import { ActiveModels, type LoadedModel } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { roundTime } from '../../src/prediction/round-time';
import { readHoldoutApplications } from './http/applications';

/** What to write. */
export interface GeneratedLogOptions {
  /** A folder without a log; made if missing. */
  readonly folder: string;
  readonly rows: number;
  /** How many days the log spans. */
  readonly days: number;
  /** Where it ends, milliseconds since the epoch. */
  readonly end: number;
  readonly seed: number;
  /** As the service's own unless given. */
  readonly maxSegmentBytes?: number;
}

const HOUR = 3_600_000;

/** Applications by hour of the day, UTC, relative to each other: people apply while they are awake. */
const HOURLY_SHARES = [2, 1, 1, 1, 1, 2, 5, 10, 16, 20, 21, 20, 18, 19, 20, 20, 19, 17, 15, 13, 11, 9, 6, 3];

/** Saturdays and Sundays beside other days. */
const WEEKEND_SHARE = 0.6;

const REFUSED_SHARE = 0.02;

/** A client asks so often in the whole log, on average. */
const REQUESTS_OF_A_CLIENT = 3;

/** Log-normal, as response times are: milliseconds at the median, and the spread of their logarithm. */
const INFERENCE = { median: 0.02, spread: 0.35 };
const AROUND_INFERENCE = { median: 0.6, spread: 0.7 };

/** Written at once. */
const WRITE_BYTES = 1024 * 1024;

/** Refusals by kind: what share of them reaches so far. */
const REFUSALS: readonly { readonly kind: ProblemKind; readonly upTo: number }[] = [
  { kind: 'invalid-application', upTo: 0.85 },
  { kind: 'payload-too-large', upTo: 0.9 },
  { kind: 'log-unavailable', upTo: 1 },
];
const FIELD_CODES = ['required', 'wrong_type', 'out_of_range'];

/** A hold-out client: what a record says of them whenever they ask. */
interface Sample {
  readonly application: Application;
  readonly probability: number;
}

/**
 * Writes the log.
 *
 * @returns bytes written
 * @throws {Error} the folder holds a log already
 * @throws {LogFolderError} a process writes there, or the folder cannot be used
 */
export async function generateLog(options: GeneratedLogOptions): Promise<number> {
  const models = await ActiveModels.load(new FolderModelRegistry('models'), 'credit-default/1.0.0');
  const lock = await WriterLock.acquire(options.folder);
  try {
    await refuseOldLog(options.folder);
    const writer = await SegmentWriter.open(
      {
        folder: options.folder,
        durable: false,
        maxSegmentBytes: options.maxSegmentBytes ?? MAX_SEGMENT_BYTES,
        openFile: open,
      },
      { sealed: [], nextSequence: 1, activeLength: 0, activeDay: undefined },
    );
    try {
      return await writeRows(writer, models.champion(), options);
    } finally {
      await writer.close();
    }
  } finally {
    await lock.release();
  }
}

async function refuseOldLog(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.some((name) => name.startsWith('production_logs.'))) return;
  throw new Error(`--folder: ${folder} holds a log already. Name a folder without one.`);
}

async function writeRows(
  writer: SegmentWriter,
  model: LoadedModel,
  options: GeneratedLogOptions,
): Promise<number> {
  const random = new SeededRandom(options.seed);
  const makeDraft = draftMaker(model, random, options.rows);
  let now = 0;
  const ids = new RecordIdIssuer(() => now, undefined, random.fill);
  const buffer = Buffer.allocUnsafe(WRITE_BYTES);
  let length = 0;
  let bytes = 0;
  let day = 0;
  const flush = async (): Promise<void> => {
    if (length > 0) await writer.commit(buffer.subarray(0, length), day);
    bytes += length;
    length = 0;
  };
  for (now of arrivals(options, random)) {
    const { id, at, milliseconds } = ids.next();
    const json = JSON.stringify({ id, at, ...makeDraft() });
    if (dayOf(milliseconds) !== day || length + lineLengthAtMost(json) > buffer.length) await flush();
    day = dayOf(milliseconds);
    length = writeLine(json, buffer, length);
  }
  await flush();
  return bytes;
}

/** When each request arrives, rising: hours have their shares, and within one, requests are spread evenly. */
function* arrivals(
  { rows, days, end }: GeneratedLogOptions,
  random: SeededRandom,
): Generator<number, void, undefined> {
  const hours = days * 24;
  const begin = end - hours * HOUR;
  const shares = Array.from({ length: hours }, (_, hour) => shareOfHour(new Date(begin + hour * HOUR)));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let arrived = 0;
  let passed = 0;
  for (const [hour, share] of shares.entries()) {
    passed += share;
    const count = Math.round((rows * passed) / total) - arrived;
    for (let index = 0; index < count; index += 1) {
      yield Math.floor(begin + (hour + (index + random.next()) / count) * HOUR);
    }
    arrived += count;
  }
}

function shareOfHour(begin: Date): number {
  const weekend = begin.getUTCDay() % 6 === 0;
  return (HOURLY_SHARES[begin.getUTCHours()] ?? 1) * (weekend ? WEEKEND_SHARE : 1);
}

/** Drafts as the service makes them, one after the other. */
function draftMaker(model: LoadedModel, random: SeededRandom, rows: number): () => RecordDraft {
  const samples = readSamples(model);
  const { policy, inputs } = model.bundle;
  const { name, version, sha256 } = model.identity;
  const recordedModel = { name, version, sha256, role: 'champion' } as const;
  const clients = Math.ceil(rows / REQUESTS_OF_A_CLIENT);
  let next = samples.length;

  const decision = (): RecordDraft<DecisionRecord> => {
    if (next === samples.length) {
      shuffle(samples, random);
      next = 0;
    }
    const { application, probability } = pick(samples, next);
    next += 1;
    const inferenceTimeMs = random.nextLogNormal(INFERENCE);
    return {
      requestId: random.nextUuid(),
      clientId: `client-${String(Math.floor(random.next() * clients) + 1).padStart(7, '0')}`,
      caller: 'anonymous',
      model: recordedModel,
      inputs: application.inputs,
      ...(application.protected !== undefined && { protected: application.protected }),
      probability,
      score: computeScore(policy.points, probability),
      decision: decide(policy, probability),
      policyVersion: policy.version,
      inferenceTimeMs: roundTime(inferenceTimeMs),
      totalTimeMs: roundTime(inferenceTimeMs + random.nextLogNormal(AROUND_INFERENCE)),
    };
  };

  const refusal = (): RecordDraft<RefusalRecord> => {
    const share = random.next();
    const { kind } = REFUSALS.find(({ upTo }) => share < upTo) ?? pick(REFUSALS, 0);
    const { status, title } = describeProblem(kind, '');
    const field = pick(inputs, Math.floor(random.next() * inputs.length)).name;
    const code = pick(FIELD_CODES, Math.floor(random.next() * FIELD_CODES.length));
    return {
      requestId: random.nextUuid(),
      caller: 'anonymous',
      status,
      problem: { title, ...(kind === 'invalid-application' && { errors: [{ field, code }] }) },
      totalTimeMs: roundTime(random.nextLogNormal(AROUND_INFERENCE)),
    };
  };

  return () => (random.next() < REFUSED_SHARE ? refusal() : decision());
}

function readSamples(model: LoadedModel): Sample[] {
  return readHoldoutApplications().map(({ body, probability }, index) => {
    const application = model.readApplication(JSON.parse(body));
    if (application !== undefined) return { application, probability };
    throw new Error(`data/samples/holdout.csv: client ${String(index + 1)} is no application of the bundle`);
  });
}

/** Fisher and Yates's, in place. */
function shuffle(items: Sample[], random: SeededRandom): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1));
    [items[last], items[other]] = [pick(items, other), pick(items, last)];
  }
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`There is no item ${String(index)}`);
  return item;
}

/** Random bytes and numbers, the same for the same seed: the key stream of AES-256 in counter mode. */
class SeededRandom {
  private readonly cipher: Cipher;
  private readonly zeros = Buffer.alloc(64 * 1024);
  private pool = Buffer.alloc(0);
  private used = 0;

  constructor(seed: number) {
    const key = createHash('sha256').update(String(seed)).digest();
    this.cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  /** Fills a buffer. */
  readonly fill = (buffer: Buffer): void => {
    this.cipher.update(buffer.fill(0)).copy(buffer);
  };

  /** In [0, 1), 32 bits of it. */
  next(): number {
    const offset = this.take(4);
    return this.pool.readUInt32LE(offset) / 2 ** 32;
  }

  /** Source: Box and Muller (1958), Annals of Mathematical Statistics 29:610–611. */
  nextLogNormal({ median, spread }: { median: number; spread: number }): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }

  /** UUIDv4, as request ids are. */
  nextUuid(): string {
    const offset = this.take(16);
    const hex = this.pool.toString('hex', offset, offset + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  private take(bytes: number): number {
    if (this.used + bytes > this.pool.length) {
      this.pool = this.cipher.update(this.zeros);
      this.used = 0;
    }
    this.used += bytes;
    return this.used - bytes;
  }
}

function readOptions(): GeneratedLogOptions {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      days: { type: 'string', default: '30' },
      end: { type: 'string', default: new Date().toISOString() },
      folder: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
    },
  });
  const end = Date.parse(values.end);
  if (Number.isNaN(end)) throw new Error('--end must be a time such as 2026-11-23T00:00:00Z');
  if (values.folder === '') throw new Error('--folder must name the folder to fill');
  return {
    folder: values.folder,
    rows: readWhole('--rows', values.rows),
    days: readWhole('--days', values.days),
    end,
    seed: readWhole('--seed', values.seed),
  };
}

function readWhole(option: string, text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number from 1 on`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const began = performance.now();
  const bytes = await generateLog(options);
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${String(options.rows)} records, ${(bytes / 1e6).toFixed(1)} MB (10⁶ bytes) in ${seconds.toFixed(1)} s: ` +
      `${String(Math.round(options.rows / seconds))} rows/s; ${options.folder} ends with ${ACTIVE_SEGMENT}`,
  );
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
