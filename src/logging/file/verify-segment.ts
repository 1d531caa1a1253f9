import { blocksForward, rawLines, type RawLine } from './line-blocks';
import { idOfLine, inspectLine, type LineRange } from './log-line';
import { type SegmentFile } from './segment-files';

/** Large enough that reads cost nothing beside the checksums, small enough to hold. */
const VERIFY_BLOCK = 1024 * 1024;

/** Bytes of a segment. */
export interface Extent {
  readonly position: number;
  readonly length: number;
}

/** Sound bytes: whole lines with their newlines, or one record that lost its newline. */
export interface SoundExtent extends Extent {
  readonly lacksNewline: boolean;
}

/** A line whose checksum does not hold, and how many whole records were found within it. */
export interface DamagedLine extends Extent {
  readonly salvagedRecords: number;
}

/** What a segment consists of. */
export interface VerifiedSegment {
  /** All its sound bytes, in order; one extent when nothing is wrong. */
  readonly sound: readonly SoundExtent[];
  readonly damaged: readonly DamagedLine[];
  /** What a write left behind that was never acknowledged: a last line that is not whole. */
  readonly tornBytes: number;
  /** The id of the last sound record. */
  readonly lastId: string | undefined;
}

/**
 * Verifies the checksum of every line.
 *
 * A last line without newline whose checksum holds counts as sound: it may have been acknowledged.
 *
 * Cost: O(length), one pass; memory: one block, and one entry for each damaged line.
 */
export async function verifySegment(file: SegmentFile, length: number): Promise<VerifiedSegment> {
  const findings = new Findings();
  for await (const { bytes, position } of blocksForward(file, 0, length, VERIFY_BLOCK)) {
    for (const line of rawLines(bytes)) {
      const last = position + line.end === length && !line.terminated;
      findings.add(bytes, position, line, last);
    }
  }
  return findings;
}

class Findings implements VerifiedSegment {
  readonly sound: SoundExtent[] = [];
  readonly damaged: DamagedLine[] = [];
  tornBytes = 0;
  lastId: string | undefined;

  add(bytes: Buffer, position: number, line: RawLine, last: boolean): void {
    const { records, damaged } = inspectLine(bytes, line.start, line.end);
    const whole = line.end - line.start + (line.terminated ? 1 : 0);
    if (damaged && last && records.length === 0) {
      this.tornBytes = whole;
      return;
    }
    if (damaged) {
      this.damaged.push({
        position: position + line.start,
        length: line.end - line.start,
        salvagedRecords: records.length,
      });
      for (const record of records) this.addRecord(position, record);
    } else {
      this.addSound({ position: position + line.start, length: whole, lacksNewline: !line.terminated });
    }
    const newest = records.at(-1);
    if (newest !== undefined) this.lastId = idOfLine(bytes, newest);
  }

  private addRecord(position: number, { start, end }: LineRange): void {
    this.addSound({ position: position + start, length: end - start, lacksNewline: true });
  }

  /** Extents that touch become one. */
  private addSound(extent: SoundExtent): void {
    const previous = this.sound.at(-1);
    if (previous?.lacksNewline === false && previous.position + previous.length === extent.position) {
      const length = previous.length + extent.length;
      this.sound[this.sound.length - 1] = { ...extent, position: previous.position, length };
    } else {
      this.sound.push(extent);
    }
  }
}
