import { type AlertSink } from './alert-sinks/alert-sink';
import { type AlertNotice, type AlertState } from './alert-state';

/** A sink has taken a notice over. */
export interface Settlement {
  readonly noticeId: string;
  readonly sink: string;
}

/** Tells the sinks what waits for them, each notice once a process, and knows what they have taken over. */
export class NoticeDelivery {
  /** Ids of notices that the sinks were handed by this process, and that are not settled everywhere. */
  private handed: ReadonlySet<string> = new Set();
  private settled: readonly Settlement[] = [];

  /** @param onSettled called for each settlement, when `settlements` has it */
  constructor(
    private readonly sinks: readonly AlertSink[],
    private readonly onSettled: () => void,
  ) {}

  /** Not kept yet: to be kept with the next change, and then confirmed. */
  get settlements(): readonly Settlement[] {
    return this.settled;
  }

  /** Names of the sinks, for which new notices wait. */
  get sinkNames(): readonly string[] {
    return this.sinks.map(({ name }) => name);
  }

  /** Forgets what is kept by now. */
  confirm(kept: readonly Settlement[]): void {
    this.settled = this.settled.filter((settlement) => !kept.includes(settlement));
  }

  /**
   * Hands the sinks what they were not handed yet by this process: what is new, and what another one left.
   *
   * @param notices all that are kept
   */
  deliver(notices: readonly AlertNotice[]): void {
    const before = this.handed;
    this.handed = new Set(notices.map(({ id }) => id));
    for (const notice of notices) if (!before.has(notice.id)) this.handOver(notice);
  }

  /** Interrupts deliveries: they stay unsettled. */
  async close(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.close()));
  }

  private handOver(notice: AlertNotice): void {
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

  private settle(noticeId: string, sink: string): void {
    this.settled = [...this.settled, { noticeId, sink }];
    this.onSettled();
  }
}

/** The state after these settlements; notices that every sink has taken over are forgotten. */
export function withoutSettled(state: AlertState, settlements: readonly Settlement[]): AlertState {
  if (settlements.length === 0) return state;
  const notices = state.notices
    .map((notice) => ({
      ...notice,
      waitingFor: notice.waitingFor.filter(
        (name) => !settlements.some(({ noticeId, sink }) => noticeId === notice.id && sink === name),
      ),
    }))
    .filter(({ waitingFor }) => waitingFor.length > 0);
  return { ...state, notices };
}
