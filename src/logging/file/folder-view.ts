import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { LogSegment } from './log-segment';
import { ACTIVE_SEGMENT, listSealedSegments, type OpenSegmentFile } from './segment-files';
import { SETTLE_MILLISECONDS, SettledEnd } from './settled-end';

/** Time that never jumps; tests hand in their own. */
export interface MonotonicTime {
  /** Milliseconds since any moment. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

interface SealedView {
  readonly name: string;
  /** When it was first seen. Erasure puts another file in its place, and any new file may get this inode then. */
  readonly inode: bigint;
  readonly segment: LogSegment;
}

/** The file being written. It is kept open, so that no other file can get its inode. */
interface ActiveView {
  readonly inode: bigint;
  readonly segment: LogSegment;
  readonly settled: SettledEnd;
}

/** All segments at one moment; without `active` when that was sealed, or is not there, at that moment. */
interface Picture {
  readonly sealed: readonly SealedView[];
  readonly active: ActiveView | undefined;
}

/** One look may meet a restart of the writer; the second one then finds a folder at rest. */
const MOST_LOOKS = 5;

/**
 * The segments of a folder in which another process or thread writes, renames and removes files.
 * Neither locks nor writes anything. One call of `refresh` at a time.
 *
 * Open files: the active segment, and those being read. Memory: a few hundred bytes for a segment.
 */
export class FolderView {
  /** By name, oldest first: what was found out about a segment that never changes again is kept. */
  private sealed = new Map<string, SealedView>();
  private active: ActiveView | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly folder: string,
    private readonly openFile: OpenSegmentFile,
    private readonly time: MonotonicTime,
  ) {}

  /**
   * Looks at the folder again. When nobody has looked lately, and more was written since, it waits
   * until that has settled: what was acknowledged before the call is then seen, however rarely
   * somebody asks. Asked often it never waits, and sees all that is older than a second.
   *
   * Cost when nothing changed: a `readdir`, two `stat`s and an `fstat`, half a millisecond for 160 segments.
   */
  async refresh(): Promise<void> {
    const lately = this.time.now() - this.lookedAt <= SETTLE_MILLISECONDS;
    const { continues } = await this.look();
    const settlesAt = this.active?.settled.settlesAt;
    if (settlesAt !== undefined && !(lately && continues)) {
      await this.waitUntil(settlesAt);
      await this.look();
    }
    this.lookedAt = this.time.now();
  }

  /**
   * Reads the segments as they were at the last look.
   *
   * @param work gets them oldest first; they stay readable while they are renamed, but may be removed
   */
  async use<T>(work: (segments: readonly LogSegment[]) => Promise<T>): Promise<T> {
    const segments = Array.from(this.sealed.values(), ({ segment }) => segment);
    if (this.active === undefined) return work(segments);
    const { segment } = this.active;
    // Kept open all the while: another file may take its name.
    return segment.use(() => work([...segments, segment]));
  }

  /** Lets all files go. */
  async close(): Promise<void> {
    this.sealed.clear();
    const { active } = this;
    this.active = undefined;
    await active?.segment.release();
  }

  private get activePath(): string {
    return join(this.folder, ACTIVE_SEGMENT);
  }

  private async waitUntil(until: number): Promise<void> {
    // Timers may ring a little early.
    for (let left = until - this.time.now(); left > 0; left = until - this.time.now()) {
      await this.time.wait(Math.ceil(left));
    }
  }

  /** `continues`: whether this log is the one of the last look, merely longer. */
  private async look(): Promise<{ continues: boolean }> {
    for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
      if (await this.takePicture()) return { continues: looks === 1 };
    }
    throw Object.assign(new Error(`${this.folder} changed while it was looked at`), { code: 'EBUSY' });
  }

  /** False when the file that was active is gone: what was known is dropped, look again. */
  private async takePicture(): Promise<boolean> {
    const previous = this.active;
    // Opened before the list is read: what is sealed in between is in the list.
    const opened = await this.openActive();
    let picture: Picture | undefined;
    try {
      picture = opened === undefined ? await this.pictureWithoutActive() : await this.pictureWith(opened);
    } finally {
      if (opened !== previous && opened !== picture?.active) await opened?.segment.release();
    }
    if (picture === undefined || !(await this.followsOn(picture, previous))) {
      if (picture?.active !== previous) await picture?.active?.segment.release();
      await this.close();
      return false;
    }
    this.sealed = new Map(picture.sealed.map((view) => [view.name, view]));
    this.active = picture.active;
    // Those who are reading it keep it open.
    if (previous !== picture.active) await previous?.segment.release();
    await this.settle();
    return true;
  }

  private async settle(): Promise<void> {
    if (this.active === undefined) return;
    const { segment, settled } = this.active;
    await segment.use((file) => settled.look(file));
    segment.acknowledge(settled.length);
  }

  /** The active segment as it is known, or as a new one; undefined when there is none. */
  private async openActive(): Promise<ActiveView | undefined> {
    const { active } = this;
    const found = await statExisting(this.activePath);
    if (active !== undefined && active.inode === found?.inode && found.size >= active.settled.length) {
      return active;
    }
    if (found === undefined) return undefined;
    const file = await unlessMissing(this.openFile(this.activePath, 'r'));
    if (file === undefined) return undefined;
    const segment = LogSegment.active(this.activePath, this.openFile, file, 0);
    try {
      const { ino } = await file.stat({ bigint: true });
      return { inode: ino, segment, settled: new SettledEnd(this.time.now) };
    } catch (error) {
      await segment.release();
      throw error;
    }
  }

  /** Undefined when the file was replaced, or removed. */
  private async pictureWith(active: ActiveView): Promise<Picture | undefined> {
    // A name that is given while a list is read may be missing in it, but not in the next one.
    for (let lists = 1; lists <= 2; lists += 1) {
      const sealed = await this.listSealed();
      const place = await this.findPlace(sealed, active.inode);
      // Sealed since it was opened: of what came after it the list may lack some.
      if (place !== -1) return { sealed: sealed.slice(0, place + 1), active: undefined };
      if ((await statExisting(this.activePath))?.inode === active.inode) return { sealed, active };
    }
    return undefined;
  }

  /** What one list has, the next one has completely, up to there. */
  private async pictureWithoutActive(): Promise<Picture> {
    const last = (await this.listSealed()).at(-1)?.name ?? '';
    const sealed = (await this.listSealed()).filter(({ name }) => name <= last);
    return { sealed, active: undefined };
  }

  private async listSealed(): Promise<SealedView[]> {
    const names = new Set(await this.listNames());
    // A name whose file is replaced while a list is read may be missing in it.
    for (const name of this.sealed.keys()) {
      if (!names.has(name) && (await statExisting(join(this.folder, name)))) names.add(name);
    }
    if (this.sealed.size === 0) for (const name of await this.listNames()) names.add(name);
    const views: SealedView[] = [];
    for (const name of [...names].sort()) {
      const view = this.sealed.get(name) ?? (await this.viewSealed(name));
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  private async listNames(): Promise<string[]> {
    return ((await unlessMissing(listSealedSegments(this.folder))) ?? []).map(({ name }) => name);
  }

  /** Whether the segment that was active still is, or was sealed. */
  private async followsOn({ sealed, active }: Picture, previous: ActiveView | undefined): Promise<boolean> {
    if (previous === undefined || previous === active) return true;
    return (await this.findPlace(sealed, previous.inode)) !== -1;
  }

  /** Which of the sealed segments is the file with this inode, which is open; -1 when none is. */
  private async findPlace(sealed: readonly SealedView[], inode: bigint): Promise<number> {
    for (const [place, view] of sealed.entries()) {
      if (view.inode !== inode) continue;
      if ((await statExisting(join(this.folder, view.name)))?.inode === inode) return place;
    }
    return -1;
  }

  /** Undefined when it was removed since it was listed. */
  private async viewSealed(name: string): Promise<SealedView | undefined> {
    const path = join(this.folder, name);
    const found = await statExisting(path);
    return found && { name, inode: found.inode, segment: LogSegment.sealed(path, this.openFile) };
  }
}

async function statExisting(path: string): Promise<{ inode: bigint; size: number } | undefined> {
  // As a big integer: some file systems have inodes that a number rounds.
  const found = await unlessMissing(stat(path, { bigint: true }));
  return found && { inode: found.ino, size: Number(found.size) };
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
