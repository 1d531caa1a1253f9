import { type LogPage, type LogQuery } from '../prediction-log';
import { type AuditRecord, type LogRecord, type PredictionRecord } from '../prediction-record';
import { blocksBackward, blocksForward, rawLines } from './line-blocks';
import { idOfLine, inspectLine, isAuditLine, recordOfLine, type LineRange } from './log-line';
import { type LogSegment } from './log-segment';
import { searchSegment } from './search-segment';

/** Enough for a page of a few records, in one read. */
const SMALLEST_BLOCK = 16 * 1024;

/** Parsing this much keeps the event loop for a millisecond or two. */
const LARGEST_READ = 256 * 1024;

/** About what a decision takes; only chooses how much to read at once. */
const TYPICAL_LINE = 1024;

/** Which lines of the log to read; the others are stepped over. */
interface Selection<R extends LogRecord> {
  readonly holds: (bytes: Buffer, line: LineRange) => boolean;
  readonly read: (bytes: Buffer, line: LineRange) => R;
}

/** What every line of a kind was written as. */
const PREDICTIONS: Selection<PredictionRecord> = {
  holds: (bytes, line) => !isAuditLine(bytes, line),
  read: (bytes, line) => recordOfLine(bytes, line) as PredictionRecord,
};
const AUDIT: Selection<AuditRecord> = {
  holds: isAuditLine,
  read: (bytes, line) => recordOfLine(bytes, line) as AuditRecord,
};
const ALL: Selection<LogRecord> = { holds: () => true, read: recordOfLine };

/**
 * Finds the record of a request for a decision by its id.
 *
 * @param segments oldest first
 */
export async function findRecord(
  segments: readonly LogSegment[],
  id: string,
): Promise<PredictionRecord | undefined> {
  const segment = segments[await lastBeginningBy(segments, id)];
  return segment?.use(async (file, length) => {
    const from = await searchSegment(file, length, id);
    for await (const { bytes } of blocksForward(file, from, length, SMALLEST_BLOCK)) {
      for (const raw of rawLines(bytes)) {
        for (const line of inspectLine(bytes, raw.start, raw.end).records) {
          const found = idOfLine(bytes, line);
          if (found === id) return PREDICTIONS.holds(bytes, line) ? PREDICTIONS.read(bytes, line) : undefined;
          if (found > id) return undefined;
        }
      }
    }
    return undefined;
  });
}

/**
 * Reads a page of records between two ids, without the audit records.
 *
 * @param segments oldest first
 */
export function readRecords(segments: readonly LogSegment[], query: LogQuery): Promise<LogPage> {
  return readSelected(segments, query, PREDICTIONS);
}

/**
 * Reads a page of audit records between two ids.
 *
 * @param segments oldest first
 */
export function readAuditRecords(
  segments: readonly LogSegment[],
  query: LogQuery,
): Promise<LogPage<AuditRecord>> {
  return readSelected(segments, query, AUDIT);
}

/** The id of the last sound record of the log, of whatever kind; undefined when it has none. */
export async function lastIdOf(segments: readonly LogSegment[]): Promise<string | undefined> {
  const page = await readSelected(segments, { order: 'newest-first', limit: 1 }, ALL);
  return page.records[0]?.id;
}

function readSelected<R extends LogRecord>(
  segments: readonly LogSegment[],
  query: LogQuery,
  selection: Selection<R>,
): Promise<LogPage<R>> {
  const page = new PageInMaking(query, selection);
  return query.order === 'newest-first'
    ? readNewestFirst(segments, query, page)
    : readOldestFirst(segments, query, page);
}

async function readOldestFirst<R extends LogRecord>(
  segments: readonly LogSegment[],
  query: LogQuery,
  page: PageInMaking<R>,
): Promise<LogPage<R>> {
  const { after } = query;
  const first = after === undefined ? 0 : Math.max(0, await lastBeginningBy(segments, after));
  for (const segment of segments.slice(first)) {
    await segment.use(async (file, length) => {
      const from = after === undefined ? 0 : await searchSegment(file, length, after);
      for await (const { bytes } of blocksForward(file, from, length, blockBytes(query))) {
        for (const raw of rawLines(bytes)) {
          const { records, damaged } = inspectLine(bytes, raw.start, raw.end);
          if (!page.take(bytes, records, damaged)) return;
        }
      }
    });
    if (page.complete) break;
  }
  return page.finish();
}

async function readNewestFirst<R extends LogRecord>(
  segments: readonly LogSegment[],
  query: LogQuery,
  page: PageInMaking<R>,
): Promise<LogPage<R>> {
  const { before } = query;
  const last = before === undefined ? segments.length - 1 : await lastBeginningBy(segments, before);
  for (const segment of segments.slice(0, last + 1).reverse()) {
    await segment.use(async (file, length) => {
      const to = before === undefined ? length : await endOfLinesBelow(file, length, before);
      for await (const { bytes } of blocksBackward(file, 0, to, blockBytes(query))) {
        for (const raw of [...rawLines(bytes)].reverse()) {
          const { records, damaged } = inspectLine(bytes, raw.start, raw.end);
          if (!page.take(bytes, records.toReversed(), damaged)) return;
        }
      }
    });
    if (page.complete) break;
  }
  return page.finish();
}

/** Where the first line ends that holds a record from `id` on: all lower ones lie before. */
async function endOfLinesBelow(
  file: Parameters<typeof searchSegment>[0],
  length: number,
  id: string,
): Promise<number> {
  const from = await searchSegment(file, length, id);
  for await (const { bytes, position } of blocksForward(file, from, length, SMALLEST_BLOCK)) {
    for (const raw of rawLines(bytes)) {
      const last = inspectLine(bytes, raw.start, raw.end).records.at(-1);
      if (last !== undefined && idOfLine(bytes, last) >= id) {
        return Math.min(position + raw.end + 1, length);
      }
    }
  }
  return length;
}

/** The index of the last segment whose first record is not above the id; -1 when there is none. */
async function lastBeginningBy(segments: readonly LogSegment[], id: string): Promise<number> {
  let low = 0;
  let high = segments.length - 1;
  let found = -1;
  while (low <= high) {
    const middle = low + Math.floor((high - low) / 2);
    // A segment without a sound record says nothing: ask its elder.
    let asked = middle;
    let firstId = await segments[asked]?.firstId();
    while (firstId === undefined && asked > low) {
      asked -= 1;
      firstId = await segments[asked]?.firstId();
    }
    if (firstId !== undefined && firstId > id) {
      high = asked - 1;
    } else {
      if (firstId !== undefined) found = asked;
      low = middle + 1;
    }
  }
  return found;
}

function blockBytes(query: LogQuery): number {
  return Math.min(LARGEST_READ, Math.max(SMALLEST_BLOCK, query.limit * TYPICAL_LINE));
}

/**
 * Collects what lies within the bounds. A damaged line is counted with the record that follows it in
 * the order of reading, so that pages which follow each other count each damaged line once.
 */
class PageInMaking<R extends LogRecord> {
  /** True when nothing more needs to be read. */
  complete = false;
  private readonly records: R[] = [];
  private more = false;
  private damagedLines = 0;
  private damagedSinceRecord = 0;
  /** The bound where reading begins, and the one where it ends; ids are compared in reading order. */
  private readonly isBeforeStart: (id: string) => boolean;
  private readonly isBehindEnd: (id: string) => boolean;
  private readonly limit: number;

  constructor(
    { after, before, order, limit }: LogQuery,
    private readonly selection: Selection<R>,
  ) {
    const tooOld = (id: string): boolean => after !== undefined && id <= after;
    const tooNew = (id: string): boolean => before !== undefined && id >= before;
    this.isBeforeStart = order === 'newest-first' ? tooNew : tooOld;
    this.isBehindEnd = order === 'newest-first' ? tooOld : tooNew;
    this.limit = limit;
  }

  /** Takes the records of one line, in reading order; false when the page is complete. */
  take(bytes: Buffer, lines: readonly LineRange[], damaged: boolean): boolean {
    for (const line of lines) {
      const id = idOfLine(bytes, line);
      if (this.isBeforeStart(id)) {
        this.damagedSinceRecord = 0;
      } else if (this.isBehindEnd(id)) {
        this.complete = true;
      } else if (!this.selection.holds(bytes, line)) {
        continue;
      } else if (this.records.length === this.limit) {
        this.complete = true;
        this.more = true;
      } else {
        this.records.push(this.selection.read(bytes, line));
        this.damagedLines += this.damagedSinceRecord;
        this.damagedSinceRecord = 0;
      }
      if (this.complete) return false;
    }
    if (damaged) this.damagedSinceRecord += 1;
    return true;
  }

  finish(): LogPage<R> {
    const trailing = this.more ? 0 : this.damagedSinceRecord;
    return { records: this.records, more: this.more, damagedLines: this.damagedLines + trailing };
  }
}
