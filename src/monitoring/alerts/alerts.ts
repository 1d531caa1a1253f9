import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { ProblemException } from '../../common/http/problem';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type Alert, type AlertState as Stage } from './alert';
import { AlertFile } from './alert-file';
import { ALERT_SINKS, type AlertSink } from './alert-sinks/alert-sink';
import { type AlertNotice, type AlertState, type Findings, type KeptAlert, NO_ALERTS } from './alert-state';
import { updateAlerts } from './update-alerts';

/** What wants attention stands first. */
const LIST_ORDER: readonly Stage[] = ['open', 'acknowledged', 'closed'];

/**
 * The alerts there are: at most one per cause that is not closed. They outlive the process, and so does what the
 * sinks have not been told yet.
 */
@Injectable()
export class Alerts implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Alerts.name);
  private readonly file: AlertFile;
  private state: AlertState = NO_ALERTS;
  /** Lines set aside by this start that are in the state's count already. */
  private countedSetAside = 0;
  private closed = false;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ALERT_SINKS) private readonly sinks: readonly AlertSink[],
    private readonly metrics: ServiceMetrics,
  ) {
    this.file = new AlertFile(configuration.monitoring.folder, clock);
  }

  /** Takes up what the last process left: also what it could not deliver any more. */
  async onModuleInit(): Promise<void> {
    this.state = await this.file.read();
    this.showOpen();
    const { notices } = this.state;
    for (const notice of notices) this.deliver(notice);
  }

  /** Interrupts deliveries; the next start takes them up. */
  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    await Promise.all(this.sinks.map((sink) => sink.close()));
    await this.save();
  }

  /** Open ones first, then acknowledged, then closed; newest first within each. */
  list(): readonly Alert[] {
    return this.state.alerts
      .map(({ alert }) => alert)
      .sort(
        (one, other) =>
          LIST_ORDER.indexOf(one.state) - LIST_ORDER.indexOf(other.state) ||
          Date.parse(other.openedAt) - Date.parse(one.openedAt),
      );
  }

  /**
   * Notes that somebody looks after it; it closes by itself when the cause is gone. Damaged log lines have no other
   * end: acknowledging them is what lets the alert close. Acknowledging again replaces the note.
   *
   * @param note what they know or do, 1 to 500 characters
   * @param by who
   * @throws {ProblemException} 404 when there is no such alert, 409 when it is closed
   */
  async acknowledge(id: string, note: string, by: string): Promise<Alert> {
    const before = this.state.alerts.find(({ alert }) => alert.id === id);
    if (before === undefined) {
      throw new ProblemException('not-found', 'There is no such alert; the oldest closed ones are dropped.');
    }
    if (before.alert.state === 'closed') {
      throw new ProblemException('alert-closed', 'Its cause is gone, so there is nothing to acknowledge.');
    }
    const alert: Alert = {
      ...before.alert,
      state: 'acknowledged',
      acknowledgedAt: new Date(this.clock()).toISOString(),
      note,
      acknowledgedBy: by,
    };
    const { alerts, damagedLines } = this.state;
    this.state = {
      ...this.state,
      alerts: alerts.map((kept): KeptAlert => (kept === before ? { ...before, alert } : kept)),
      ...(alert.kind === 'damaged_log_lines' && { damagedLines: { ...damagedLines, unacknowledged: 0 } }),
    };
    const { kind, subject } = alert;
    this.logger.log({ msg: 'alert acknowledged', alert: id, kind, subject, note, by });
    await this.save();
    return alert;
  }

  /**
   * Adds what is new to the damaged lines that nobody has acknowledged yet.
   *
   * @param met lines met while reading, counted from zero or on from before by each process; undefined when unknown
   * @param setAside lines that this process set aside at its start
   * @returns damaged lines found since an operator last acknowledged them
   */
  countDamagedLines(met: number | undefined, setAside: number): number {
    const before = this.state.damagedLines;
    const now = met ?? before.met;
    const newlyMet = now >= before.met ? now - before.met : now;
    const unacknowledged = before.unacknowledged + newlyMet + Math.max(0, setAside - this.countedSetAside);
    this.countedSetAside = setAside;
    this.state = { ...this.state, damagedLines: { met: now, unacknowledged } };
    return unacknowledged;
  }

  /** Takes over what a look found. Resolves when it is kept and the sinks have been handed what is new. */
  async observe(findings: Findings): Promise<void> {
    if (this.closed) return;
    const { alerts: rules, retentionDays } = this.configuration.monitoring;
    const nowMs = this.clock();
    const { alerts, events } = updateAlerts(this.state.alerts, findings, {
      nowMs,
      cooldownMinutes: rules.cooldownMinutes,
      retentionDays,
      newId: randomUUID,
    });
    const notices = events.map((event): AlertNotice => ({
      id: randomUUID(),
      at: new Date(nowMs).toISOString(),
      ...event,
      waitingFor: this.sinks.map(({ name }) => name),
    }));
    this.state = { ...this.state, alerts, notices: [...this.state.notices, ...notices] };
    this.showOpen();
    // Kept before it is told: after a kill in between it is told by the next start.
    await this.save();
    for (const notice of notices) this.deliver(notice);
  }

  private deliver(notice: AlertNotice): void {
    const sinks = this.sinks.filter(({ name }) => notice.waitingFor.includes(name));
    const names = new Set(sinks.map(({ name }) => name));
    // Of a sink that the configuration no longer has.
    for (const name of notice.waitingFor) if (!names.has(name)) this.settle(notice.id, name);
    for (const sink of sinks) {
      void sink.deliver(notice).then((outcome) => {
        if (outcome === 'settled') this.settle(notice.id, sink.name);
      });
    }
  }

  private settle(id: string, sinkName: string): void {
    const notices = this.state.notices
      .map((notice) =>
        notice.id === id
          ? { ...notice, waitingFor: notice.waitingFor.filter((name) => name !== sinkName) }
          : notice,
      )
      .filter(({ waitingFor }) => waitingFor.length > 0);
    this.state = { ...this.state, notices };
    void this.save();
  }

  private save(): Promise<void> {
    return this.file.write(() => this.state);
  }

  private showOpen(): void {
    const count = (severity: Alert['severity']): number =>
      this.state.alerts.filter(({ alert }) => alert.state !== 'closed' && alert.severity === severity).length;
    this.metrics.setOpenAlerts({ warning: count('warning'), critical: count('critical') });
  }
}
