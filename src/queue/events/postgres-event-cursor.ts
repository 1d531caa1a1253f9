import { type Database } from '../../database/database';
import { type EventCursor } from './event-cursor';

/** Its row of what instances share. */
const NAME = 'decision-events';

/** The place in a log that several processes write. */
export class PostgresEventCursor implements EventCursor {
  constructor(private readonly database: Database) {}

  async begin(id: string): Promise<string> {
    await this.database.query(
      'INSERT INTO shared_state (name, version, content) VALUES ($1, 1, $2) ON CONFLICT (name) DO NOTHING',
      [NAME, id],
    );
    return (await this.load()) ?? id;
  }

  async load(): Promise<string | undefined> {
    const { rows } = await this.database.query<{ content: string }>(
      'SELECT content FROM shared_state WHERE name = $1',
      [NAME],
    );
    return rows[0]?.content;
  }

  async move(id: string): Promise<void> {
    // A publisher that was frozen, and is no longer the one, takes nothing back.
    await this.database.query(
      `UPDATE shared_state SET content = $2, version = version + 1
       WHERE name = $1 AND content COLLATE "C" < $2`,
      [NAME, id],
    );
  }
}
