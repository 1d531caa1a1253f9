import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CLOCK, type Clock } from '../../common/clock';
import { ProblemException } from '../../common/http/problem';
import { LEASES, type Leases } from '../../common/leases';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type Alert, ALERT_STAGES } from './alert';
import { ALERT_SINKS, type AlertSink } from './alert-sinks/alert-sink';
import { type AlertNotice, type AlertState, type Findings, type KeptAlert, NO_ALERTS } from './alert-state';
import { ALERT_STORE, type AlertStore, type ChangeAlerts } from './alert-store';
import { NoticeDelivery, withoutSettled } from './notice-delivery';
import { updateAlerts } from './update-alerts';

/** Who observes says so at every look, once a minute; a look that takes long must not cost the lease. */
const LEASE_MS = 90_000;

/** What another process changed is shown within this time, whatever the number of readers. */
const SHOWN_WITHIN_MS = 1000;

/** How old the gauge may be when nobody reads the pages; as often as others are set. */
const GAUGE_EVERY_MS = 5000;

/** A database that was restarted is back by then. */
const RETRY_LATER = { 'Retry-After': '5' } as const;

/**
 * The alerts there are: at most one per cause that is not closed. They outlive the process, and so does what the
 * sinks have not been told yet.
 *
 * Processes that share a store show the same alerts, and any of them takes acknowledgements. Only the one that
 * holds the lease observes and tells the sinks.
 */
@Injectable()
export class Alerts implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Alerts.name);
  private state: AlertState = NO_ALERTS;
  private readAtMs = -Infinity;
  private isReadable = true;
  /** Lines set aside by this start that are in the state's count already. */
  private countedSetAside = 0;
  private closed = false;
  private readonly delivery: NoticeDelivery;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ALERT_SINKS) sinks: readonly AlertSink[],
    private readonly metrics: ServiceMetrics,
    @Inject(ALERT_STORE) private readonly store: AlertStore,
    @Inject(LEASES) private readonly leases: Leases,
  ) {
    this.delivery = new NoticeDelivery(sinks, () => {
      this.keepSettlements();
    });
  }

  /** Takes up what the last process left: also what it could not deliver any more. */
  async onModuleInit(): Promise<void> {
    await this.refresh();
    if (await this.holdLease()) this.delivery.deliver(this.state.notices);
  }

  /** Interrupts deliveries; the next start, or another process, takes them up. */
  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    await this.delivery.close();
    await this.store.close();
  }

  /** Whether this process is the one to observe, for the next minute and a half. Never rejects. */
  async holdLease(): Promise<boolean> {
    return !this.closed && (await this.leases.hold('alerts', LEASE_MS));
  }

  /** Takes up what another process changed; a call within a second of the last changes nothing. Never rejects. */
  @Interval(GAUGE_EVERY_MS)
  async refresh(): Promise<void> {
    const nowMs = performance.now();
    if (this.closed || nowMs - this.readAtMs < SHOWN_WITHIN_MS) return;
    this.readAtMs = nowMs;
    try {
      this.show(await this.store.read());
      this.isReadable = true;
    } catch (error) {
      if (this.isReadable) {
        this.logger.error({
          msg: 'alerts cannot be read: they are shown as they were, and read again by themselves',
          err: error,
        });
      }
      this.isReadable = false;
    }
  }

  /** Open ones first, then acknowledged, then closed; newest first within each. As of the last `refresh`. */
  list(): readonly Alert[] {
    return this.state.alerts
      .map(({ alert }) => alert)
      .sort(
        (one, other) =>
          ALERT_STAGES.indexOf(one.state) - ALERT_STAGES.indexOf(other.state) ||
          Date.parse(other.openedAt) - Date.parse(one.openedAt),
      );
  }

  /**
   * Notes that somebody looks after it; it closes by itself when the cause is gone. Damaged log lines have no other
   * end: acknowledging them is what lets the alert close. Acknowledging again replaces the note.
   *
   * @param note what they know or do, 1 to 500 characters
   * @param by who
   * @throws {ProblemException} 404 when there is no such alert, 409 when it is closed, 503 when it cannot be kept
   */
  async acknowledge(id: string, note: string, by: string): Promise<Alert> {
    const acknowledgedAt = new Date(this.clock()).toISOString();
    let acknowledged: Alert | undefined;
    const apply: ChangeAlerts = (state) => {
      const before = findNotClosed(state, id);
      const alert: Alert = {
        ...before.alert,
        state: 'acknowledged',
        acknowledgedAt,
        note,
        acknowledgedBy: by,
      };
      acknowledged = alert;
      const { alerts, damagedLines } = state;
      return {
        ...state,
        alerts: alerts.map((kept): KeptAlert => (kept === before ? { ...before, alert } : kept)),
        ...(alert.kind === 'damaged_log_lines' && { damagedLines: { ...damagedLines, unacknowledged: 0 } }),
      };
    };
    try {
      await this.change(apply);
    } catch (error) {
      if (error instanceof ProblemException) throw error;
      const advice = 'The acknowledgement could not be kept: send it again in some seconds.';
      throw new ProblemException('alerts-unavailable', advice, { headers: RETRY_LATER, cause: error });
    }
    if (acknowledged === undefined) throw new Error('Alerts: a change was kept that nobody made');
    const { kind, subject } = acknowledged;
    this.logger.log({ msg: 'alert acknowledged', alert: id, kind, subject, note, by });
    return acknowledged;
  }

  /**
   * Adds what is new to the damaged lines that nobody has acknowledged yet.
   *
   * @param met lines met while reading, counted from zero or on from before by each process; undefined when unknown
   * @param setAside lines that this process set aside at its start
   * @returns damaged lines found since an operator last acknowledged them
   */
  async countDamagedLines(met: number | undefined, setAside: number): Promise<number> {
    if (this.closed) return this.state.damagedLines.unacknowledged;
    const newlySetAside = Math.max(0, setAside - this.countedSetAside);
    const { damagedLines } = await this.change((state) => {
      const before = state.damagedLines;
      const now = met ?? before.met;
      const newlyMet = now >= before.met ? now - before.met : now;
      const unacknowledged = before.unacknowledged + newlyMet + newlySetAside;
      return { ...state, damagedLines: { met: now, unacknowledged } };
    });
    this.countedSetAside = setAside;
    return damagedLines.unacknowledged;
  }

  /**
   * Takes over what a look found; call it while holding the lease. Resolves when it is kept and the sinks have been
   * handed what is new.
   */
  async observe(findings: Findings): Promise<void> {
    if (this.closed) return;
    const { alerts: rules, retentionDays } = this.configuration.monitoring;
    const nowMs = this.clock();
    await this.change((state) => {
      const { alerts, events } = updateAlerts(state.alerts, findings, {
        nowMs,
        cooldownMinutes: rules.cooldownMinutes,
        retentionDays,
        newId: randomUUID,
      });
      const notices = events.map((event): AlertNotice => ({
        id: randomUUID(),
        at: new Date(nowMs).toISOString(),
        ...event,
        waitingFor: this.delivery.sinkNames,
      }));
      return { ...state, alerts, notices: [...state.notices, ...notices] };
    });
    // Kept before it is told: after a kill in between it is told by the next start.
    this.delivery.deliver(this.state.notices);
  }

  private keepSettlements(): void {
    this.change((state) => state).catch((error: unknown) => {
      this.logger.error({
        msg: 'it cannot be kept that an alert was told: it is kept with the next change; a restart before tells it again',
        err: error,
      });
    });
  }

  /** Changes what is kept, and what this process shows. */
  private async change(apply: ChangeAlerts): Promise<AlertState> {
    const { settlements } = this.delivery;
    const state = await this.store.change((kept) => apply(withoutSettled(kept, settlements)));
    this.delivery.confirm(settlements);
    this.show(state);
    return state;
  }

  private show(state: AlertState): void {
    this.state = state;
    const count = (severity: Alert['severity']): number =>
      state.alerts.filter(({ alert }) => alert.state !== 'closed' && alert.severity === severity).length;
    this.metrics.setOpenAlerts({ warning: count('warning'), critical: count('critical') });
  }
}

/** @throws {ProblemException} 404 when there is no such alert, 409 when it is closed */
function findNotClosed({ alerts }: AlertState, id: string): KeptAlert {
  const found = alerts.find(({ alert }) => alert.id === id);
  if (found === undefined) {
    throw new ProblemException('not-found', 'There is no such alert; the oldest closed ones are dropped.');
  }
  if (found.alert.state === 'closed') {
    throw new ProblemException('alert-closed', 'Its cause is gone, so there is nothing to acknowledge.');
  }
  return found;
}
