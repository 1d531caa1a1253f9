import { randomUUID } from 'node:crypto';
import { type LeaseName, type Leases } from '../common/leases';
import { type Database } from './database';

/**
 * Leases in the table `leases`, by the clock of the database: those of the instances need not agree.
 *
 * A lease is taken or renewed by one statement, of which the database lets one at a time through.
 */
export class PostgresLeases implements Leases {
  /** Made at each start: a process that was killed and comes back is another holder. */
  private readonly holder = randomUUID();

  constructor(private readonly database: Database) {}

  /** @inheritDoc */
  async hold(name: LeaseName, milliseconds: number): Promise<boolean> {
    try {
      const { rowCount } = await this.database.query(
        `INSERT INTO leases (name, holder, expires_at)
         VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
         WHERE leases.holder = excluded.holder OR leases.expires_at <= clock_timestamp()`,
        [name, this.holder, milliseconds],
      );
      return rowCount > 0;
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
}
