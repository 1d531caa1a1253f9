import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LEASES, type Leases } from '../../common/leases';
import { firstIdAt } from '../../logging/issue-record-id';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../logging/prediction-log';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type BrokerConnection, PUBLISHING_CONNECTION } from '../broker/broker-connection';
import { BrokerUnavailableError } from '../broker/broker-unavailable-error';
import { ConfirmedPublisher } from '../broker/confirmed-publisher';
import { describeDecisionEvent } from './describe-decision-event';
import { EVENT_CURSOR, type EventCursor } from './event-cursor';

/** After a kill another process goes on so much later. */
const LEASE_MS = 10_000;
const RENEW_AFTER_MS = LEASE_MS / 2;

/** Published at a time, and some of them again when the broker goes away in the middle. */
const RECORDS_A_PAGE = 200;

/** Nobody waits for an event: a slow broker is given time, and one that is lost ends the wait itself. */
const CONFIRM_WITHIN_MS = 15_000;

/** How late an event is at most while all is well. */
const LOOK_EVERY_MS = 200;

/** For those who wait to take over, and while something is away. */
const ASK_EVERY_MS = 1_000;

/**
 * Pauses double up to this one while the broker is there and refuses, as for a subscriber whose queue is full: each
 * try puts copies into the queues of all others.
 */
const LONGEST_PAUSE_MS = 60_000;

/** A stop must not wait for a broker that is frozen: what was not noted as told is told again. */
const STOP_WITHIN_MS = 1_000;

/**
 * Publishes every decision, after its record is durable. The log is the outbox: it is read from where the last
 * publisher stopped, and the place moves on only when the broker has confirmed. So no decision is left out or told
 * before it is kept; some are told twice, after a kill or a lost confirmation.
 *
 * One process at a time does it, by lease, in the order of the log. The very first one begins at the end of the log:
 * nobody subscribed to what was decided before.
 */
@Injectable()
export class DecisionEvents implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(DecisionEvents.name);
  private readonly publisher: ConfirmedPublisher;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private renewAt = -Infinity;
  /** Known while this process publishes. */
  private place: string | undefined;
  private failing = false;
  private refusals = 0;

  constructor(
    @Inject(PUBLISHING_CONNECTION) private readonly connection: BrokerConnection,
    @Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(EVENT_CURSOR) private readonly cursor: EventCursor,
    private readonly metrics: ServiceMetrics,
  ) {
    // Its own, so that a long outbox does not stand in the way of new jobs.
    this.publisher = new ConfirmedPublisher(connection, CONFIRM_WITHIN_MS);
  }

  /** Marks where events begin before the first decision of this process can be asked for. */
  async onModuleInit(): Promise<void> {
    if ((await this.cursor.load()) === undefined) await this.beginAtEnd();
    this.running = this.run();
  }

  /** Ends after the page that is under way, if the broker confirms it soon. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, pause(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const waitMs = await this.lookOnce();
      // Rejects when stopped.
      if (waitMs > 0) await pause(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** @returns milliseconds until the next look */
  private async lookOnce(): Promise<number> {
    try {
      if (!(await this.isMine())) return ASK_EVERY_MS;
      const more = await this.publishPage();
      this.failing = false;
      this.refusals = 0;
      return more ? 0 : LOOK_EVERY_MS;
    } catch (error) {
      // Somebody else may go on meanwhile.
      this.place = undefined;
      this.renewAt = -Infinity;
      const isRefused = error instanceof BrokerUnavailableError && this.connection.isUsable;
      this.refusals = isRefused ? this.refusals + 1 : 0;
      this.tell(error, isRefused);
      return Math.min(ASK_EVERY_MS * 2 ** Math.max(0, this.refusals - 1), LONGEST_PAUSE_MS);
    }
  }

  private async isMine(): Promise<boolean> {
    if (performance.now() < this.renewAt) return true;
    const askedAt = performance.now();
    if (!(await this.leases.hold('decision-events', LEASE_MS))) {
      this.place = undefined;
      return false;
    }
    this.renewAt = askedAt + RENEW_AFTER_MS;
    return true;
  }

  private async publishPage(): Promise<boolean> {
    this.place ??= (await this.cursor.load()) ?? (await this.beginAtEnd());
    const { records, more } = await this.log.read({ after: this.place, limit: RECORDS_A_PAGE });
    const last = records.at(-1);
    if (last === undefined) return false;
    const events = records.flatMap((record) => ('decision' in record ? [describeDecisionEvent(record)] : []));
    // Sent in this order over one channel; all are waited for, so that none is under way when some are sent again.
    const outcomes = await Promise.allSettled(events.map((event) => this.publisher.publish(event)));
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    // However slow the broker is, what it confirmed is not sent again.
    const told = failed < 0 ? last.id : events[failed - 1]?.properties.messageId;
    if (told !== undefined) await this.moveTo(told);
    this.metrics.countPublishedDecisions(failed < 0 ? events.length : failed);
    const failure = outcomes[failed];
    if (failure?.status === 'rejected') throw failure.reason;
    return more;
  }

  private async moveTo(id: string): Promise<void> {
    await this.cursor.move(id);
    this.place = id;
  }

  private async beginAtEnd(): Promise<string> {
    const { records } = await this.log.read({ order: 'newest-first', limit: 1 });
    return this.cursor.begin(records[0]?.id ?? firstIdAt(0));
  }

  /** Once for each time that it begins to fail; a broker that is away is told of by its connection. */
  private tell(error: unknown, isRefused: boolean): void {
    if (this.stopping.signal.aborted) return;
    if (error instanceof BrokerUnavailableError && !isRefused) return;
    if (!this.failing) {
      this.logger.error({
        msg: isRefused
          ? 'decisions are not published as events for now, as the broker does not take them: look for a full queue that refuses them. None is lost, they follow later'
          : 'decisions are not published as events for now; none is lost, they follow later',
        err: error,
      });
    }
    this.failing = true;
  }
}
