import { open } from 'node:fs/promises';
import { type OpenSegmentFile, type SegmentFile } from '../../src/logging/file/segment-files';

/** How one call ends: as usual, with an error of the operating system, or with fewer bytes than asked (`Infinity`: none). */
export type Outcome = 'succeeds' | { readonly code: string } | { readonly shortBy: number };

type FaultyCall = 'open' | 'write' | 'truncate' | 'datasync' | 'close';

/** Files on the real disk whose next calls fail as planned; unplanned calls succeed. */
export class FaultyFiles {
  /** All calls so far, in order. */
  readonly calls: (FaultyCall | 'read')[] = [];
  /** Bytes that were read so far. */
  bytesRead = 0;
  private readonly plans = new Map<FaultyCall, Outcome[]>();
  /** While it is set, writes wait for it. */
  private gate: Promise<void> | undefined;

  /** Plans how the next calls of a kind end. */
  next(call: FaultyCall, ...outcomes: Outcome[]): void {
    this.plans.set(call, [...(this.plans.get(call) ?? []), ...outcomes]);
  }

  /** Holds all writes back until the returned function is called. */
  holdWrites(): () => void {
    let release: (() => void) | undefined;
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.gate = undefined;
      release?.();
    };
  }

  count(call: FaultyCall | 'read'): number {
    return this.calls.filter((made) => made === call).length;
  }

  readonly open: OpenSegmentFile = async (path, flags) => {
    this.outcomeOf('open');
    return this.wrap(await open(path, flags));
  };

  private wrap(file: SegmentFile): SegmentFile {
    const read = async (
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
    ): Promise<unknown> => {
      this.calls.push('read');
      const result = await file.read(buffer, offset, length, position);
      this.bytesRead += result.bytesRead;
      return result;
    };
    const write = async (
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
    ): Promise<unknown> => {
      const shortBy = this.outcomeOf('write');
      await this.gate;
      return file.write(buffer, offset, Math.max(0, length - shortBy), position);
    };
    return {
      read: read as SegmentFile['read'],
      write: write as SegmentFile['write'],
      truncate: async (length) => {
        this.outcomeOf('truncate');
        await file.truncate(length);
      },
      datasync: async () => {
        this.outcomeOf('datasync');
        await file.datasync();
      },
      stat: file.stat.bind(file),
      close: async () => {
        await file.close();
        this.outcomeOf('close');
      },
    };
  }

  /** Throws as planned, or says by how much the call falls short. */
  private outcomeOf(call: FaultyCall): number {
    this.calls.push(call);
    const outcome = this.plans.get(call)?.shift() ?? 'succeeds';
    if (outcome === 'succeeds') return 0;
    if ('shortBy' in outcome) return outcome.shortBy;
    throw Object.assign(new Error(`${outcome.code}: planned by the test`), { code: outcome.code });
  }
}
