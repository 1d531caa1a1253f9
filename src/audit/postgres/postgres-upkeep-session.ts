import { type Client } from 'pg';
import { type ErasureResult, type ErasureTask, type Expired, type UpkeepSession } from '../log-upkeep';
import { eraseFromTable } from './erase-from-table';
import { dropPartition, listExpiredPartitions } from './expired-partitions';
import { removeExpiredKeys } from './remove-expired-keys';

/** Clients under legal hold, in the order in which they were held. */
export async function readLegalHolds(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ client_id: string }>(
    'SELECT client_id FROM legal_holds ORDER BY held_at, client_id',
  );
  return rows.map(({ client_id: clientId }) => clientId);
}

/** Upkeep of a log in PostgreSQL, by the connection that holds the upkeep lock. */
export class PostgresUpkeepSession implements UpkeepSession {
  constructor(private readonly client: Client) {}

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

  /** @inheritDoc */
  async findExpired(beforeMs: number): Promise<Expired> {
    const partitions = await listExpiredPartitions(this.client, beforeMs);
    const segments = partitions.filter(({ isHeld }) => !isHeld).map(({ name }) => name);
    const held = partitions.filter(({ isHeld }) => isHeld).map(({ name }) => name);
    // A table has no damaged lines.
    return { segments, held, setAsideLines: 0 };
  }

  /** @inheritDoc */
  async removeExpired({ segments }: Expired): Promise<void> {
    for (const name of segments) await dropPartition(this.client, name);
    await removeExpiredKeys(this.client);
  }

  /** @inheritDoc */
  erase(task: ErasureTask): Promise<ErasureResult> {
    return eraseFromTable(this.client, task);
  }
}
