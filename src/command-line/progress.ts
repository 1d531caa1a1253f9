import { performance } from 'node:perf_hooks';
import { SingleBar } from 'cli-progress';
import { type TextStream } from './command';

/** Tells the person who waits how far a command is. */
export interface Progress {
  /** @param detail what else to tell, such as `12,000 rows` */
  update(done: number, detail: string): void;
  stop(): void;
}

/** A line this often where a bar cannot be drawn: enough to see life, too little to fill a log. */
const LINE_INTERVAL_MS = 10_000;

/** Updates the time left is estimated from: a few seconds' worth. */
const UPDATES_IN_ESTIMATE = 100;

/**
 * A bar on a terminal; elsewhere, such as in a file or a job's log, a line now and then.
 *
 * @param total what `done` reaches at the end; undefined when that is not known
 */
export function startProgress(stream: TextStream, label: string, total: number | undefined): Progress {
  return stream.isTTY && total !== undefined && total > 0
    ? startBar(stream, label, total)
    : startLines(stream, label, total);
}

function startBar(stream: TextStream, label: string, total: number): Progress {
  const bar = new SingleBar({
    stream: stream as NodeJS.WriteStream,
    format: `${label} [{bar}] {percentage} % | {detail} | {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: UPDATES_IN_ESTIMATE,
  });
  bar.start(total, 0, { detail: '' });
  return {
    update: (done, detail) => {
      bar.update(Math.min(done, total), { detail });
    },
    stop: () => {
      bar.stop();
    },
  };
}

function startLines(stream: TextStream, label: string, total: number | undefined): Progress {
  let next = performance.now() + LINE_INTERVAL_MS;
  return {
    update: (done, detail) => {
      const now = performance.now();
      if (now < next) return;
      next = now + LINE_INTERVAL_MS;
      const share = total ? `${Math.floor((100 * done) / total)} %, ` : '';
      stream.write(`${label}: ${share}${detail}\n`);
    },
    stop: () => undefined,
  };
}
