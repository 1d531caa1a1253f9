import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';

/** How this process did in one interval. */
export interface VitalsPoint {
  readonly atMs: number;
  /** Of one core; above 1 with work in several threads. */
  readonly cpuShare: number;
  readonly residentBytes: number;
  /** 99th percentile of the event loop's delay beyond its timer, milliseconds. */
  readonly eventLoopDelayP99Ms: number;
}

const INTERVAL_MS = 10_000;

/** An hour. */
const MOST_POINTS = 360;

/** How often the delay is measured: at rest, a hundred wake-ups a second of a finer timer would show as load. */
const DELAY_RESOLUTION_MS = 20;

const NANOSECONDS_PER_MS = 1e6;
const MICROSECONDS_PER_MS = 1000;

/** CPU, memory and event-loop delay of this process over the last hour, in memory only. */
@Injectable()
export class Vitals implements OnModuleInit, OnModuleDestroy {
  private readonly points: VitalsPoint[] = [];
  private readonly delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  private timer: NodeJS.Timeout | undefined;
  private cpu = process.cpuUsage();
  private measuredAt = performance.now();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Begins to measure; keeps no process alive. */
  onModuleInit(): void {
    this.cpu = process.cpuUsage();
    this.measuredAt = performance.now();
    this.delay.enable();
    this.timer = setInterval(() => {
      this.measure();
    }, INTERVAL_MS).unref();
  }

  /** Ends measuring; what was measured stays readable. */
  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  /** Oldest first, every 10 seconds, at most an hour. */
  recent(): readonly VitalsPoint[] {
    return [...this.points];
  }

  private measure(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.cpu);
    this.points.push({
      atMs: this.clock(),
      cpuShare: (user + system) / MICROSECONDS_PER_MS / (now - this.measuredAt),
      residentBytes: process.memoryUsage.rss(),
      eventLoopDelayP99Ms: this.delayBeyondTimer(),
    });
    if (this.points.length > MOST_POINTS) this.points.shift();
    this.cpu = process.cpuUsage();
    this.measuredAt = now;
    this.delay.reset();
  }

  /** The histogram holds the time from one wake-up to the next, its own pause included. */
  private delayBeyondTimer(): number {
    if (this.delay.count === 0) return 0;
    return Math.max(0, this.delay.percentile(99) / NANOSECONDS_PER_MS - DELAY_RESOLUTION_MS);
  }
}
