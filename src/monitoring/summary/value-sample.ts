import { crc32 } from 'node:zlib';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type PopulationLayout, type SubjectLayout } from './population-layout';

/** Rows that a drift window keeps raw for the KS test; beyond, they are a uniform sample. */
export const RESERVOIR_ROWS = 100_000;

/** Part of every row's priority: the same log always gives the same sample. */
export const RESERVOIR_SEED = 20_261_123;

/** Rows for which room is made first; an hour of a quiet service fits. */
const FIRST_CAPACITY = 1024;

/** Rows taken in beyond those that are kept before the surplus is thinned out: sorting is then seldom, and room small. */
const SURPLUS_SHARE = 1.25;

/** A stored sample begins with one line of JSON, which says what follows it. */
interface StoredHeader {
  readonly format: 'value-sample/1';
  readonly sha256: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly checksum: number;
}

/** A stored sample that cannot be used; the log still has its records. */
export class StoredSampleError extends Error {
  override readonly name = 'StoredSampleError';
}

/**
 * Raw values of decisions as columns: all of them up to a number of rows, beyond that those with the lowest
 * priorities. A row's priority is a hash of the seed and the random part of the record's id, so the rows kept
 * are a uniform sample which depends neither on the order of the records nor on how parts were merged
 * (bottom-k sampling; Cohen & Kaplan 2007).
 */
export class ValueSample {
  /** Subjects with numbers, in the layout's order. */
  private readonly subjects: readonly SubjectLayout[];
  /** Rows there may ever be room for. */
  private readonly capacity: number;
  private columns: Float64Array[];
  private priorities = new Float64Array(FIRST_CAPACITY);
  private length = 0;

  constructor(
    layout: PopulationLayout,
    private readonly mostRows = RESERVOIR_ROWS,
    private readonly seed = RESERVOIR_SEED,
  ) {
    this.capacity = Math.max(FIRST_CAPACITY, Math.ceil(mostRows * SURPLUS_SHARE));
    this.subjects = layout.subjects.filter(({ edges }) => edges !== undefined);
    this.columns = this.subjects.map(() => new Float64Array(FIRST_CAPACITY));
  }

  /** Rows kept. */
  get rows(): number {
    this.thinOut();
    return this.length;
  }

  /** Adds a decision of the layout's model. Cost: O(inputs), amortised. */
  add(record: DecisionRecord): void {
    const row = this.makeRoom();
    this.priorities[row] = prioritise(record.id, this.seed);
    for (const [index, { name, source }] of this.subjects.entries()) {
      const value =
        source === 'inputs'
          ? record.inputs[name]
          : source === 'protected'
            ? record.protected?.[name]
            : record.probability;
      const column = this.columns[index];
      if (column) column[row] = typeof value === 'number' ? value : NaN;
    }
  }

  /** Adds all rows of another sample of the same layout. */
  merge(other: ValueSample): void {
    for (let from = 0; from < other.length; from++) {
      const row = this.makeRoom();
      this.priorities[row] = other.priorities[from] ?? 0;
      for (const [index, column] of this.columns.entries()) column[row] = other.columns[index]?.[from] ?? NaN;
    }
  }

  /** Values by subject, without missing ones. */
  values(): ReadonlyMap<string, Float64Array> {
    this.thinOut();
    return new Map(
      this.subjects.map(({ name }, index) => [
        name,
        (this.columns[index] ?? new Float64Array())
          .subarray(0, this.length)
          .filter((value) => !Number.isNaN(value)),
      ]),
    );
  }

  /**
   * The sample as bytes.
   *
   * @param sha256 of the model that decided
   */
  store(sha256: string): Buffer {
    this.thinOut();
    const body = Buffer.concat(
      [this.priorities, ...this.columns].map((column) => {
        const used = column.subarray(0, this.length);
        return Buffer.from(used.buffer, used.byteOffset, used.byteLength);
      }),
    );
    const header: StoredHeader = {
      format: 'value-sample/1',
      sha256,
      columns: this.subjects.map(({ name }) => name),
      rows: this.length,
      checksum: crc32(body),
    };
    return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
  }

  /** @throws {StoredSampleError} damaged, or of another model */
  static restore(bytes: Buffer, sha256: string, layout: PopulationLayout): ValueSample {
    const sample = new ValueSample(layout);
    const headerEnd = bytes.indexOf('\n');
    const header = readHeader(bytes.subarray(0, headerEnd));
    const body = bytes.subarray(headerEnd + 1);
    const names = sample.subjects.map(({ name }) => name);
    if (
      header?.sha256 !== sha256 ||
      header.columns.join() !== names.join() ||
      body.length !== header.rows * (names.length + 1) * Float64Array.BYTES_PER_ELEMENT ||
      crc32(body) !== header.checksum
    ) {
      throw new StoredSampleError('The stored sample is damaged or of another model');
    }
    // Copied, as a Float64Array begins at a multiple of eight bytes.
    const numbers = new Float64Array(new Uint8Array(body).buffer);
    const columns = Array.from({ length: names.length + 1 }, (_, index) =>
      numbers.slice(index * header.rows, (index + 1) * header.rows),
    );
    sample.priorities = columns[0] ?? sample.priorities;
    sample.columns = columns.slice(1);
    sample.length = header.rows;
    return sample;
  }

  private makeRoom(): number {
    if (this.length >= this.capacity) this.thinOut();
    if (this.length === this.priorities.length) {
      const capacity = Math.max(FIRST_CAPACITY, Math.min(2 * this.length, this.capacity));
      this.priorities = grow(this.priorities, capacity);
      this.columns = this.columns.map((column) => grow(column, capacity));
    }
    this.length += 1;
    return this.length - 1;
  }

  /** Keeps the rows with the lowest priorities. */
  private thinOut(): void {
    if (this.length <= this.mostRows) return;
    const limit = this.priorities.slice(0, this.length).sort()[this.mostRows] ?? Infinity;
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      const priority = this.priorities[row] ?? Infinity;
      if (priority >= limit) continue;
      this.priorities[kept] = priority;
      for (const column of this.columns) column[kept] = column[row] ?? NaN;
      kept += 1;
    }
    this.length = kept;
  }
}

function readHeader(bytes: Buffer): StoredHeader | undefined {
  try {
    const header = JSON.parse(bytes.toString('utf8')) as Partial<StoredHeader> | null;
    const sound = header?.format === 'value-sample/1' && Array.isArray(header.columns);
    return sound ? (header as StoredHeader) : undefined;
  } catch {
    return undefined;
  }
}

function grow(values: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(capacity);
  grown.set(values);
  return grown;
}

/** A number in [0, 1) with 53 random bits from the last 64 of an id, of which 62 are random or counted. */
function prioritise(id: string, seed: number): number {
  const upper = mix(Number.parseInt(id.slice(19, 23) + id.slice(24, 28), 16) ^ seed);
  const lower = mix(Number.parseInt(id.slice(28), 16) ^ upper);
  return ((upper >>> 5) * 2 ** 26 + (mix(lower ^ seed) >>> 6)) / 2 ** 53;
}

/** A bijection of 32 bits whose every output bit depends on every input bit (MurmurHash3's finaliser, Appleby 2008). */
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
