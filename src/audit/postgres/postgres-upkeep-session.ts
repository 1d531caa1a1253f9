import { type Client } from 'pg';
import { type Clock } from '../../common/clock';
import { DATABASE_CLOCK, isWrongClock } from '../../database/clock-difference';
import { DatabaseError } from '../../database/database-error';
import { type ErasureResult, type ErasureTask, type Expired, type UpkeepSession } from '../log-upkeep';
import { eraseFromTable } from './erase-from-table';
import { dropPartition, listExpiredPartitions } from './expired-partitions';
import { removeExpiredKeys } from './remove-expired-keys';
import { restorePartitions } from './restore-partitions';

/** Clients under legal hold, in the order in which they were held. */
export async function readLegalHolds(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ client_id: string }>(
    'SELECT client_id FROM legal_holds ORDER BY held_at, client_id',
  );
  return rows.map(({ client_id: clientId }) => clientId);
}

/** Upkeep of a log in PostgreSQL, by the connection that holds the upkeep lock. */
export class PostgresUpkeepSession implements UpkeepSession {
  /** @param clock milliseconds since the epoch */
  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
  ) {}

  /** @inheritDoc */
  readHolds(): Promise<readonly string[]> {
    return readLegalHolds(this.client);
  }

  /** @inheritDoc */
  async hold(clientId: string): Promise<void> {
    await this.client.query(
      'INSERT INTO legal_holds (client_id, held_at) VALUES ($1, clock_timestamp()) ON CONFLICT DO NOTHING',
      [clientId],
    );
  }

  /** @inheritDoc */
  async release(clientId: string): Promise<void> {
    await this.client.query('DELETE FROM legal_holds WHERE client_id = $1', [clientId]);
  }

  /**
   * @inheritDoc
   * @throws {DatabaseError} the clock of this machine or the one of the database is wrong: nobody can tell what is old
   */
  async findExpired(beforeMs: number): Promise<Expired> {
    await this.refuseWrongClock();
    const partitions = await listExpiredPartitions(this.client, beforeMs);
    const segments = partitions.filter(({ isHeld }) => !isHeld).map(({ name }) => name);
    const held = partitions.filter(({ isHeld }) => isHeld).map(({ name }) => name);
    // A table has no damaged lines.
    return { segments, held, setAsideLines: 0 };
  }

  /** @inheritDoc */
  async removeExpired({ segments }: Expired): Promise<void> {
    await restorePartitions(this.client, segments);
    for (const name of segments) await dropPartition(this.client, name);
    await removeExpiredKeys(this.client);
  }

  /** @inheritDoc */
  async erase(task: ErasureTask): Promise<ErasureResult> {
    // What is out of the table now may come back into it.
    await restorePartitions(this.client, []);
    return eraseFromTable(this.client, task);
  }

  private async refuseWrongClock(): Promise<void> {
    const { rows } = await this.client.query<{ ahead: number }>(
      `SELECT $1::float8 - ${DATABASE_CLOCK} AS ahead`,
      [this.clock()],
    );
    const [{ ahead } = { ahead: NaN }] = rows;
    if (!isWrongClock(ahead)) return;
    throw new DatabaseError(
      `DATABASE_URL: the clock of this machine and that of PostgreSQL differ by ${Math.round(Math.abs(ahead) / 1000)} ` +
        'seconds, so nothing was removed: let both machines take the time from the network, then run this again',
    );
  }
}
