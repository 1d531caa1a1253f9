import { timeOfId } from '../../logging/issue-record-id';
import { type PredictionLogReader } from '../../logging/prediction-log';
import { type SummaryHistory } from '../summary/summary-history';
import { type FoldState } from '../traffic';

/** Records read at a time: their parsing and counting takes some 30 ms, for which a page waits at most. */
const PAGE_RECORDS = 2000;

/** How often the end of the log is looked at: pages are at most this far behind. */
const POLL_MS = 250;

/** After an error of the disk, long enough not to fill the log with it. */
const RETRY_MS = 5000;

/** A reader shows a record at most this long after it was acknowledged: what was written before is seen then. */
const SHOWN_WITHIN_MS = 1000;

/** Told what goes wrong while reading; undefined when it works again. */
export type OnFoldProblem = (error: Error | undefined) => void;

/** Reads the log by cursor and adds each record to the history once. */
export class LogFold {
  private records = 0;
  private damagedLines = 0;
  private caughtUp = false;
  private problem: Error | undefined;
  private stopped = false;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private waiting: { readonly since: number; readonly resolve: () => void }[] = [];

  /**
   * @param wait resolves after so many milliseconds, or at once when the signal is aborted
   */
  constructor(
    private readonly reader: PredictionLogReader,
    private readonly history: SummaryHistory,
    private readonly nowMs: () => number,
    private readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>,
    private readonly onProblem: OnFoldProblem,
  ) {}

  /** Begins to read, and goes on until `stop`. */
  start(): void {
    this.running ??= this.run();
  }

  /** Ends after the page being read. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping.abort();
    await this.running;
    this.release(Infinity);
  }

  /** Resolves when everything acknowledged before the call is in the history. */
  catchUp(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ since: performance.now(), resolve });
    });
  }

  state(): FoldState {
    const lastRecordAtMs = this.history.lastId === undefined ? null : timeOfId(this.history.lastId);
    return {
      records: this.records,
      lastRecordAtMs,
      firstRecordAtMs: this.history.firstRecordAtMs ?? null,
      caughtUp: this.caughtUp,
      lagMs: this.caughtUp || lastRecordAtMs === null ? 0 : Math.max(0, this.nowMs() - lastRecordAtMs),
      damagedLines: this.damagedLines,
      problem: this.problem?.message ?? null,
    };
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const begun = performance.now();
        const more = await this.readPage();
        this.caughtUp = !more;
        if (!more) this.release(begun - SHOWN_WITHIN_MS);
        await this.history.save();
        this.report(undefined);
        if (!more) await this.wait(POLL_MS, this.stopping.signal);
      } catch (error) {
        this.report(error instanceof Error ? error : new Error(String(error)));
        await this.wait(RETRY_MS, this.stopping.signal);
      }
    }
  }

  private async readPage(): Promise<boolean> {
    const after = this.history.lastId;
    const page = await this.reader.read({ limit: PAGE_RECORDS, ...(after !== undefined && { after }) });
    const damaged = page.records.length === 0 ? 0 : page.damagedLines;
    this.history.add(page.records, damaged);
    this.records += page.records.length;
    this.damagedLines += damaged;
    return page.more;
  }

  /** Lets those go who asked at `since` or before. */
  private release(since: number): void {
    const released = this.waiting.filter((waiting) => waiting.since <= since);
    this.waiting = this.waiting.filter((waiting) => waiting.since > since);
    for (const { resolve } of released) resolve();
  }

  private report(problem: Error | undefined): void {
    if (problem?.message !== this.problem?.message) this.onProblem(problem);
    this.problem = problem;
  }
}
