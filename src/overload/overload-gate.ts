import { type ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { describeProblem } from '../common/http/problem';
import { type ServiceRequest } from '../common/http/service-request';
import { type BatchTurns } from './batch-turns';
import { classifyRequest } from './classify-request';
import { HeldConnections } from './held-connections';
import { LoopDelay } from './loop-delay';
import { limitsOf, type OverloadLimits, weighRequest } from './overload-limits';
import { WeightInFlight } from './weight-in-flight';

/** A turn of the event loop, or a write of the log, is over by then many times. */
const RETRY_AFTER_SECONDS = 1;

const REPORT_INTERVAL_MS = 1000;

const DOCUMENT = describeProblem(
  'overloaded',
  'More was asked than can be answered now, and nothing was decided. Try again after Retry-After.',
);
const BODY = JSON.stringify(DOCUMENT);
const HEADERS = [
  'Content-Type',
  'application/problem+json; charset=utf-8',
  'Content-Length',
  String(Buffer.byteLength(BODY)),
  'Cache-Control',
  'no-store',
  'X-Content-Type-Options',
  'nosniff',
  'Retry-After',
  String(RETRY_AFTER_SECONDS),
];

/** Which limit a refused request met. */
type Cause = 'event loop' | 'requests in flight' | 'records waiting' | 'batches waiting';

/**
 * Refuses what would come too late anyway, before anything is done for it. Refusals are counted in the metrics
 * and told in the application log once a second; they leave no records, as writing is what there is too much of.
 */
export class OverloadGate {
  private readonly logger = new Logger(OverloadGate.name);
  private readonly delay = new LoopDelay();
  private readonly held = new HeldConnections();
  private readonly refused = new Map<string, number>();
  private reporting: NodeJS.Timeout | undefined;
  private readonly inFlight = new WeightInFlight();

  /**
   * @param countWaiting how many records wait for their write now
   * @param turns of the batches that were admitted
   */
  constructor(
    private readonly countWaiting: () => number,
    private readonly turns: BatchTurns,
  ) {}

  /**
   * A `RequestGate`: counts the request as in flight until its answer is sent, or answers 503 with Retry-After.
   * The body of a refused request is thrown away unread, and its connection stays usable.
   */
  admit(request: ServiceRequest, response: ServerResponse): boolean {
    const { requestClass, route } = classifyRequest(request.url);
    const limits = limitsOf(requestClass);
    if (limits === undefined) return true;
    const cause = this.findCause(limits);
    if (cause === undefined) {
      this.inFlight.add(request.socket, response, weighRequest(request.headers));
      return true;
    }
    this.count(`${route}: ${cause}`);
    // What no route has answered would be counted as such.
    request.route = { path: route };
    response.writeHead(DOCUMENT.status, HEADERS);
    response.end(BODY);
    if (response.shouldKeepAlive) this.held.hold(request.socket);
    return false;
  }

  /** Holds nobody any more, and ends the watch. */
  stop(): void {
    this.delay.stop();
    this.held.releaseAll();
    clearInterval(this.reporting);
  }

  private findCause(limits: OverloadLimits): Cause | undefined {
    if (this.inFlight.total >= limits.weight) return 'requests in flight';
    if (this.countWaiting() >= limits.waitingRecords) return 'records waiting';
    if (this.turns.waiting >= limits.waitingInBatches) return 'batches waiting';
    if (this.inFlight.total < limits.weightWithoutDelayLimit) return undefined;
    const late = this.delay.ofThisTurn > limits.turnMs || this.delay.ofLastTurn > limits.blockedMs;
    return late ? 'event loop' : undefined;
  }

  private count(what: string): void {
    this.refused.set(what, (this.refused.get(what) ?? 0) + 1);
    this.reporting ??= setInterval(this.report, REPORT_INTERVAL_MS).unref();
  }

  private readonly report = (): void => {
    if (this.refused.size === 0) {
      clearInterval(this.reporting);
      this.reporting = undefined;
      return;
    }
    this.logger.warn({
      msg: 'overloaded: requests were refused in the last second',
      refused: Object.fromEntries(this.refused),
      weightInFlight: this.inFlight.total,
      waitingRecords: this.countWaiting(),
    });
    this.refused.clear();
  };
}
