import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { migrateDatabase } from '../../src/database/migrate-database';
import { MIGRATIONS } from '../../src/database/migrations/migrations';
import { PostgresServer } from '../factories/servers/postgres-server';

let server: PostgresServer;
let folder: string;
let certificate: string;

beforeAll(async () => {
  server = await PostgresServer.start();
  folder = await mkdtemp(join(tmpdir(), 'postgres-tls-'));
  certificate = join(folder, 'certificate.pem');
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a certificate for `localhost` that vouches for itself, and has the server use it. */
async function switchOnTls(): Promise<void> {
  const key = join(folder, 'key.pem');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ folder: string }>(
    `SELECT current_setting('data_directory') AS folder`,
  );
  const { uid, gid } = await stat(rows[0]?.folder ?? '');
  for (const file of [folder, key, certificate]) await chown(file, uid, gid);
  await client.query(`ALTER SYSTEM SET ssl_cert_file = '${certificate}'`);
  await client.query(`ALTER SYSTEM SET ssl_key_file = '${key}'`);
  await client.query('ALTER SYSTEM SET ssl = on');
  await client.query('SELECT pg_reload_conf()');
  await client.end();
}

/** The address of a new database, with a host's name, as certificates have one. */
async function addressWith(parameters: Readonly<Record<string, string>>): Promise<string> {
  const url = Object.assign(new URL(await server.createDatabase()), { hostname: 'localhost' });
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

describe('a database that is reached over TLS', () => {
  it('says what to do when the server has no TLS, or the file of the authority is not there', async () => {
    await expect(migrateDatabase(await addressWith({ sslmode: 'verify-full' }))).rejects.toThrow(
      /\(no TLS\): switch on ssl in PostgreSQL/,
    );
    const missing = await addressWith({ sslmode: 'verify-full', sslrootcert: join(folder, 'none.pem') });
    await expect(migrateDatabase(missing)).rejects.toThrow(/\(ENOENT\): .* sslrootcert/);
  });

  it('is used when its certificate is vouched for, and otherwise says what to do', async () => {
    await switchOnTls();
    const trusted = { sslmode: 'verify-full', sslrootcert: certificate };
    expect(await migrateDatabase(await addressWith(trusted))).toHaveLength(Object.keys(MIGRATIONS).length);

    await expect(migrateDatabase(await addressWith({ sslmode: 'verify-full' }))).rejects.toThrow(
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\): let DATABASE_URL name the authority/,
    );
  });
});
