import { type Alert, type AlertKind } from './alert';

/** What identifies a cause: there is never more than one alert of it that is not closed. */
export interface CauseKey {
  readonly kind: AlertKind;
  /** The input, for `input_drifted`; null otherwise. */
  readonly subject: string | null;
}

/** Something that is wrong now. */
export type AlertCause = CauseKey & Pick<Alert, 'severity' | 'figures'>;

/** What one look found. */
export interface Findings {
  readonly causes: readonly AlertCause[];
  /** What the look could not tell: alerts about it stay as they are, and none is opened. */
  readonly undecided: {
    readonly kinds: ReadonlySet<AlertKind>;
    /** Names of inputs whose drift cannot be told. */
    readonly inputs: ReadonlySet<string>;
  };
}

/** An alert, and what only its keeping needs. */
export interface KeptAlert {
  readonly alert: Alert;
  /** Looks in a row that found the cause gone. */
  readonly looksWithoutCause: number;
  /** When the sinks were last told that it closed; null while they know it as open. ISO 8601, UTC. */
  readonly toldClosedAt: string | null;
}

/** Something that the sinks are told. */
export interface AlertEvent {
  readonly event: 'opened' | 'closed';
  /** The alert as it was then. */
  readonly alert: Alert;
}

/** An event that not every sink has taken over yet. */
export interface AlertNotice extends AlertEvent {
  /** Random UUID: the same for every try, also after a restart. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Names of the sinks that still have to be told. */
  readonly waitingFor: readonly string[];
}

/** Damaged lines are counted by others from zero on at each start; an operator ends the alert about them. */
export interface DamagedLineCount {
  /** The count of those met while reading, as last seen. */
  readonly met: number;
  /** Found since an operator last acknowledged them. */
  readonly unacknowledged: number;
}

/** All that is kept about alerts. */
export interface AlertState {
  readonly alerts: readonly KeptAlert[];
  /** Oldest first. */
  readonly notices: readonly AlertNotice[];
  readonly damagedLines: DamagedLineCount;
}

/** The state before the first alert. */
export const NO_ALERTS: AlertState = {
  alerts: [],
  notices: [],
  damagedLines: { met: 0, unacknowledged: 0 },
};
