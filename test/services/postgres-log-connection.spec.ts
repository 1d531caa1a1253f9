import { type Client } from 'pg';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { LogConnection } from '../../src/logging/postgres/log-connection';
import { PostgresServer } from '../factories/servers/postgres-server';
import { TcpProxy } from '../factories/tcp-proxy';

/** A network that stands still as soon as a session has begun. */
class StallingDatabase extends Database {
  constructor(
    url: string,
    private readonly stall: () => void,
  ) {
    super({ url });
  }

  override createClient(...settings: Parameters<Database['createClient']>): Client {
    const client = super.createClient(...settings);
    client.once('connect', this.stall);
    return client;
  }
}

describe('the connection that writes the log', () => {
  it('leaves no session behind when the network stands still just after it was opened', async () => {
    const server = await PostgresServer.start();
    const url = await server.createDatabase();
    await migrateDatabase(url);
    const proxy = await TcpProxy.to(server.port);
    const database = new StallingDatabase(
      Object.assign(new URL(url), { port: String(proxy.port) }).href,
      () => {
        proxy.freeze();
      },
    );
    const direct = new Database({ url });
    for (let stalls = 0; stalls < 3; stalls += 1) {
      const connection = new LogConnection(database);
      await expect(connection.tryWriting()).rejects.toThrow('timeout');
      await proxy.heal();
      await connection.close();
    }

    const countSessions = async (): Promise<number> => {
      const { rows } = await direct.query<{ sessions: number }>(
        `SELECT count(*)::int AS sessions FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      return rows[0]?.sessions ?? NaN;
    };
    const asked = performance.now();
    while ((await countSessions()) > 0) expect(performance.now() - asked).toBeLessThan(5000);
    await direct.close();
    await database.close();
    await proxy.close();
    await server.remove();
  });
});
