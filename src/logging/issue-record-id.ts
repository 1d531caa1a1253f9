import { randomFillSync } from 'node:crypto';
import { type Clock } from '../common/clock';

/** A record's place in the log. */
export interface IssuedId {
  /** UUIDv7, lower case. */
  readonly id: string;
  /** ISO 8601, UTC: the millisecond inside `id`. */
  readonly at: string;
  /** The same millisecond, since the epoch. */
  readonly milliseconds: number;
}

/** Fills a buffer with random bytes. */
export type FillRandom = (buffer: Buffer) => unknown;

export const RECORD_ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** An id's time has 48 bits (RFC 9562, section 5.7). */
const LAST_MILLISECOND = 2 ** 48 - 1;

/** 12 bits of `rand_a` and the upper 30 of `rand_b`; the 32 bits behind them stay random. */
const COUNTER_LIMIT = 2 ** 42;

/**
 * A millisecond's counter starts anywhere in the lower half of its range (RFC 9562, section 6.2,
 * method 1): hard to guess, and 2^41 ids remain for a millisecond that lasts as long as a clock
 * stays behind.
 */
const COUNTER_START_LIMIT = 2 ** 41;

/** Random bytes are drawn 4 KiB at a time: one call to the system for about a thousand ids. */
const RANDOM_POOL_BYTES = 4096;

/**
 * Whether a text is an id of the form this log issues: UUIDv7, lower case.
 */
export function isRecordId(text: string): boolean {
  return RECORD_ID_PATTERN.test(text);
}

/**
 * The lowest id of a millisecond: every id issued in it or later is greater, every earlier one lower.
 *
 * @param epochMilliseconds whole milliseconds since the epoch, 0 to 2^48 - 1
 * @throws {RangeError} outside of that range
 */
export function firstIdAt(epochMilliseconds: number): string {
  if (!Number.isInteger(epochMilliseconds) || epochMilliseconds < 0 || epochMilliseconds > LAST_MILLISECOND) {
    throw new RangeError('An id holds whole milliseconds since the epoch, 0 to 2^48 - 1: pass such a time');
  }
  return `${timePrefix(epochMilliseconds)}7000-8000-000000000000`;
}

/** The time inside an id, milliseconds since the epoch: that of its record. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * Issues UUIDv7 ids (RFC 9562) that rise strictly, whatever the clock does: while it stays behind the
 * last id, ids keep that id's millisecond and count on; a counter that runs over moves the
 * millisecond one further.
 *
 * Cost: O(1), no call to the system except for random bytes, one in about a thousand ids.
 */
export class RecordIdIssuer {
  private milliseconds = -1;
  private counter = 0;
  private prefix = '';
  private at = '';
  private readonly random = Buffer.allocUnsafe(RANDOM_POOL_BYTES);
  private randomUsed = RANDOM_POOL_BYTES;

  /**
   * @param clock the time now; an issuer never trusts it to rise
   * @param lastId the last id of the log: the next one is greater
   * @param fillRandom source of the random bits
   * @throws {RangeError} `lastId` is no id of this log
   */
  constructor(
    private readonly clock: Clock,
    lastId?: string,
    private readonly fillRandom: FillRandom = randomFillSync,
  ) {
    if (lastId === undefined) return;
    if (!isRecordId(lastId)) throw new RangeError('The last id of a log must be a UUIDv7 in lower case');
    this.enter(timeOfId(lastId));
    this.counter =
      Number.parseInt(lastId.slice(15, 18), 16) * 2 ** 30 +
      (Number.parseInt(lastId.slice(19, 23), 16) & 0x3fff) * 2 ** 16 +
      Number.parseInt(lastId.slice(24, 28), 16);
  }

  /** The next id, greater than all before it. */
  next(): IssuedId {
    const now = Math.floor(this.clock());
    if (now > this.milliseconds) {
      this.enter(now);
      this.counter = this.randomStart();
    } else {
      this.counter += 1;
      if (this.counter >= COUNTER_LIMIT) {
        this.enter(this.milliseconds + 1);
        this.counter = this.randomStart();
      }
    }
    const upper = Math.floor(this.counter / 2 ** 30);
    const middle = Math.floor(this.counter / 2 ** 16) & 0x3fff;
    const lower = this.counter & 0xffff;
    const id =
      `${this.prefix}7${hexadecimal(upper, 3)}-${hexadecimal(0x8000 | middle, 4)}-` +
      `${hexadecimal(lower, 4)}${hexadecimal(this.random32(), 8)}`;
    return { id, at: this.at, milliseconds: this.milliseconds };
  }

  private enter(milliseconds: number): void {
    this.milliseconds = milliseconds;
    this.prefix = timePrefix(milliseconds);
    this.at = new Date(milliseconds).toISOString();
  }

  private randomStart(): number {
    return (this.random32() * 2 ** 10 + (this.random32() & 0x3ff)) % COUNTER_START_LIMIT;
  }

  private random32(): number {
    if (this.randomUsed + 4 > this.random.length) {
      this.fillRandom(this.random);
      this.randomUsed = 0;
    }
    const value = this.random.readUInt32LE(this.randomUsed);
    this.randomUsed += 4;
    return value;
  }
}

function timePrefix(milliseconds: number): string {
  const digits = hexadecimal(milliseconds, 12);
  return `${digits.slice(0, 8)}-${digits.slice(8)}-`;
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
