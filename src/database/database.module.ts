import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { LEASES, type Leases, SOLE_HOLDER } from '../common/leases';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { type Database } from './database';

/** Injection token of the shared `Database`; undefined when everything is kept in files. */
export const DATABASE = Symbol('Database');

/** Loads the driver only when it is needed; a new kind of storage does not compile until it is handled. */
async function openStorage({ storage }: Configuration): Promise<Database | undefined> {
  switch (storage.kind) {
    case 'file':
      return undefined;
    case 'postgres':
      return (await import('./open-database')).openDatabase(storage.url);
  }
}

async function openLeases(database: Database | undefined, clock: Clock): Promise<Leases> {
  if (database === undefined) return SOLE_HOLDER;
  return new (await import('./postgres-leases')).PostgresLeases(database, clock);
}

/** What instances share when records are kept in PostgreSQL: its connections, and who does what must be done once. */
@Global()
@Module({
  providers: [
    { provide: DATABASE, inject: [CONFIGURATION], useFactory: openStorage },
    { provide: LEASES, inject: [DATABASE, CLOCK], useFactory: openLeases },
  ],
  exports: [DATABASE, LEASES],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: Database | undefined,
    @Inject(LEASES) private readonly leases: Leases,
  ) {}

  /** After the last answer: another instance goes on at once with what this one did. */
  async onApplicationShutdown(): Promise<void> {
    await this.leases.releaseAll();
    await this.database?.close();
  }
}
