import { type Alert } from './alert';
import { type AlertCause, type AlertEvent, type Findings, type KeptAlert } from './alert-state';
import { updateAlerts } from './update-alerts';

const START = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const errors: AlertCause = {
  kind: 'error_rate',
  subject: null,
  severity: 'critical',
  figures: { failed: 9 },
};
const drift: AlertCause = {
  kind: 'input_drifted',
  subject: 'age',
  severity: 'warning',
  figures: { psi: 0.2 },
};
const damage: AlertCause = {
  kind: 'damaged_log_lines',
  subject: null,
  severity: 'critical',
  figures: { lines: 1 },
};

/** Alerts that are looked at once a minute, with a cooldown of 60 minutes and a retention of 30 days. */
class Looks {
  nowMs = START;
  alerts: readonly KeptAlert[] = [];
  readonly events: AlertEvent[] = [];
  private ids = 0;

  /** A look at once, then a minute passes. */
  look(causes: readonly AlertCause[], undecided: Partial<Findings['undecided']> = {}): this {
    const { alerts, events } = updateAlerts(
      this.alerts,
      { causes, undecided: { kinds: new Set(), inputs: new Set(), ...undecided } },
      {
        nowMs: this.nowMs,
        cooldownMinutes: 60,
        retentionDays: 30,
        newId: () => `alert-${(this.ids += 1)}`,
      },
    );
    this.alerts = alerts;
    this.events.push(...events);
    return this.pass(1);
  }

  pass(minutes: number): this {
    this.nowMs += minutes * MINUTE;
    return this;
  }

  acknowledge(): this {
    this.alerts = this.alerts.map((kept) => ({
      ...kept,
      alert: { ...kept.alert, state: 'acknowledged', note: 'known', acknowledgedBy: 'me' },
    }));
    return this;
  }

  get only(): Alert {
    expect(this.alerts).toHaveLength(1);
    return (this.alerts[0] as KeptAlert).alert;
  }

  get told(): string[] {
    return this.events.map(({ event, alert }) => `${alert.id} ${event}`);
  }
}

let looks: Looks;
beforeEach(() => {
  looks = new Looks();
});

describe('a cause', () => {
  it('opens an alert and tells it', () => {
    looks.look([errors]);

    expect(looks.only).toEqual({
      ...errors,
      id: 'alert-1',
      state: 'open',
      openedAt: '2026-11-23T12:00:00.000Z',
      lastSeenAt: '2026-11-23T12:00:00.000Z',
      acknowledgedAt: null,
      note: null,
      acknowledgedBy: null,
      closedAt: null,
    });
    expect(looks.events).toEqual([{ event: 'opened', alert: looks.only }]);
  });

  it('that goes on brings its figures and severity up to date, and tells nothing', () => {
    looks.look([drift]).look([{ ...drift, severity: 'critical', figures: { psi: 0.4 } }]);

    expect(looks.only).toMatchObject({
      severity: 'critical',
      figures: { psi: 0.4 },
      openedAt: '2026-11-23T12:00:00.000Z',
      lastSeenAt: '2026-11-23T12:01:00.000Z',
    });
    expect(looks.told).toEqual(['alert-1 opened']);
  });

  it('of each subject has an alert of its own', () => {
    looks.look([drift, { ...drift, subject: 'income' }, errors]);

    expect(looks.told).toEqual(['alert-1 opened', 'alert-2 opened', 'alert-3 opened']);
  });

  it('that is gone once leaves the alert open, and closes it at the second look in a row', () => {
    looks.look([errors]).look([]).look([errors]).look([]);
    expect(looks.only.state).toBe('open');
    looks.look([]);

    expect(looks.only).toMatchObject({ state: 'closed', closedAt: '2026-11-23T12:04:00.000Z' });
    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed']);
  });

  it('that was acknowledged stays so while it holds, and closes like any other', () => {
    looks.look([errors]).acknowledge().look([errors]);
    expect(looks.only).toMatchObject({ state: 'acknowledged', note: 'known' });
    looks.look([]).look([]);

    expect(looks.only).toMatchObject({ state: 'closed', note: 'known' });
    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed']);
  });
});

describe('what a look cannot tell', () => {
  const unknown = { kinds: new Set(['error_rate'] as const) };

  it('neither opens nor closes an alert, nor counts towards closing', () => {
    looks.look([], unknown).look([errors]).look([]).look([], unknown).look([]);
    expect(looks.only.state).toBe('open');
    looks.look([]);

    expect(looks.only.state).toBe('closed');
  });

  it('can be one input alone', () => {
    looks.look([drift, { ...drift, subject: 'income' }]);
    const thin = { inputs: new Set(['age']) };
    looks.look([], thin).look([], thin);

    expect(looks.told).toEqual(['alert-1 opened', 'alert-2 opened', 'alert-2 closed']);
  });
});

describe('a cause that comes back', () => {
  beforeEach(() => {
    looks.look([errors]).look([]).look([]);
  });

  it('within the cooldown opens the same alert without telling', () => {
    looks.pass(57).look([errors]);

    expect(looks.only).toMatchObject({ id: 'alert-1', state: 'open', closedAt: null });
    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed']);
  });

  it('within the cooldown and goes again ends without telling either', () => {
    looks.pass(10).look([errors]).look([]).look([]);

    expect(looks.only.state).toBe('closed');
    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed']);
  });

  it('and lasts beyond the cooldown is told: who was told that it is well must learn that it is not', () => {
    looks.pass(10).look([errors]);
    expect(looks.told).toHaveLength(2);
    looks.pass(60).look([errors]).look([errors]).look([]).look([]);

    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed', 'alert-1 opened', 'alert-1 closed']);
  });

  it('and is acknowledged is not told: somebody knows', () => {
    looks.pass(10).look([errors]).acknowledge().pass(60).look([errors]);

    expect(looks.told).toHaveLength(2);
  });

  it('has to be acknowledged again', () => {
    looks.look([errors]).acknowledge().look([]).look([]).look([errors]);

    expect(looks.only).toMatchObject({ state: 'open', note: null, acknowledgedBy: null });
  });

  it('after the cooldown opens another alert', () => {
    looks.pass(59).look([errors]);

    expect(looks.alerts.map(({ alert }) => alert.state)).toEqual(['closed', 'open']);
    expect(looks.told).toEqual(['alert-1 opened', 'alert-1 closed', 'alert-2 opened']);
  });
});

it('opens no second alert of a cause when the clock is set back into the cooldown of an earlier one', () => {
  looks.look([errors]).look([]).look([]).pass(60).look([errors]).pass(-50).look([errors]);

  expect(looks.alerts.map(({ alert }) => alert.state)).toEqual(['closed', 'open']);
});

describe('damaged lines', () => {
  it('found after an acknowledgement open the alert again', () => {
    looks.look([damage]).acknowledge().look([damage]);

    expect(looks.only).toMatchObject({ state: 'open', note: null });
  });
});

describe('closed alerts', () => {
  it('are dropped after the retention; open ones never are', () => {
    looks.look([errors, drift]).look([drift]).look([drift]);
    looks.nowMs += 30 * DAY;
    looks.look([drift]);

    expect(looks.only).toMatchObject({ kind: 'input_drifted', state: 'open' });
  });

  it('are dropped beyond a thousand, oldest first', () => {
    for (let index = 0; index < 1010; index += 1) {
      looks.look([errors, { ...drift, subject: `input-${index}` }]);
    }
    looks.look([errors]).look([errors]);

    expect(looks.alerts).toHaveLength(1000);
    expect(looks.alerts[0]?.alert).toMatchObject({ kind: 'error_rate', state: 'open' });
    // Of 1,011 alerts the eleven that follow the open one.
    expect(looks.alerts[1]?.alert.id).toBe('alert-13');
  }, 20_000);
});
