import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Clock } from '../common/clock';
import { type LeaseName, type Leases } from '../common/leases';
import { DATABASE_CLOCK, isWrongClock, MOST_CLOCK_DIFFERENCE_MS } from './clock-difference';
import { type Database } from './database';

/**
 * How far the clock of who takes a lease may be from that of the database, milliseconds. What goes by the time is for
 * good: a report of a window that is not over, or records that were removed.
 */
const TOLERANCE_MS: Readonly<Record<LeaseName, number>> = {
  'drift-reports': MOST_CLOCK_DIFFERENCE_MS,
  alerts: MOST_CLOCK_DIFFERENCE_MS,
  retention: MOST_CLOCK_DIFFERENCE_MS,
  // They are read by cursor, and go by no clock.
  'decision-events': Infinity,
};

/**
 * Leases in the table `leases`, by the clock of the database.
 *
 * A lease is taken or renewed by one statement, of which the database lets one at a time through. Who has a wrong clock
 * gets none for what goes by the time, and says so in the log.
 */
export class PostgresLeases implements Leases {
  /** Made at each start: a process that was killed and comes back is another holder. */
  private readonly holder = randomUUID();

  /** Told once, until it is right again. */
  private isTold = false;

  /** @param clock milliseconds since the epoch */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @inheritDoc */
  async hold(name: LeaseName, milliseconds: number): Promise<boolean> {
    try {
      const { rows } = await this.database.query<{ ahead: number; held: boolean }>(
        `WITH difference AS MATERIALIZED (
           SELECT $4::float8 - ${DATABASE_CLOCK} AS ahead
         ), lease AS (
           INSERT INTO leases (name, holder, expires_at)
           SELECT $1, $2::uuid, clock_timestamp() + $3::float8 * interval '1 millisecond'
           FROM difference WHERE abs(ahead) <= $5::float8
           ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
           WHERE leases.holder = excluded.holder OR leases.expires_at <= clock_timestamp()
           RETURNING name
         )
         SELECT ahead, EXISTS (SELECT FROM lease) AS held FROM difference`,
        [name, this.holder, milliseconds, this.clock(), TOLERANCE_MS[name]],
      );
      const [{ ahead, held } = { ahead: 0, held: false }] = rows;
      this.tellWrongClock(ahead);
      return held;
    } catch {
      // The database says who holds it; the log, which is there too, tells operators that it is away.
      return false;
    }
  }

  /** @inheritDoc */
  async releaseAll(): Promise<void> {
    try {
      await this.database.query('DELETE FROM leases WHERE holder = $1', [this.holder]);
    } catch {
      // They end by themselves.
    }
  }

  private tellWrongClock(ahead: number): void {
    const isWrong = isWrongClock(ahead);
    if (isWrong && !this.isTold) {
      new Logger(PostgresLeases.name).warn({
        msg: 'the clock of this machine and that of PostgreSQL differ by more than a minute: this instance makes no drift reports and alerts and removes no records until they agree. Let both machines take the time from the network',
        secondsAhead: Math.round(ahead / 1000),
      });
    }
    this.isTold = isWrong;
  }
}
