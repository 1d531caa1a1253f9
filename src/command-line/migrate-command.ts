import { parseConfiguration } from '../config/parse-configuration';
import { DatabaseError } from '../database/database-error';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { parseWords } from './parse-words';

const MIGRATE_USAGE = `Brings the PostgreSQL database to what this version of the service works with, as each start does by itself.

  npm run migrate

  -h, --help    shows this

Run it alone before a new version starts, when the service's own user does not own the tables: with a DATABASE_URL of
their owner. README.md says which rights the service's user needs. All steps are done or none; several at once wait
for each other, a minute at most. There is no way back: make a backup first.

Settings (environment): STORAGE, DATABASE_URL or DATABASE_URL_FILE, as for the service.

Exit code: 0 done, also when there was nothing to do; 1 failed.
`;

/** `npm run migrate`: makes or changes the tables of the service. */
export async function migrate({ words, environment, output }: Surroundings): Promise<ExitCode> {
  if (asksForHelp(words)) {
    output.write(MIGRATE_USAGE);
    return EXIT_CODES.done;
  }
  const { storage } = parseConfiguration(environment);
  if (storage.kind !== 'postgres') {
    throw new CommandError(
      'STORAGE: there is a database only when it is postgres. Set it, and DATABASE_URL.',
    );
  }
  const { migrateDatabase } = await import('../database/migrate-database');
  try {
    const steps = await migrateDatabase(storage.url);
    output.write(
      steps.length === 0
        ? 'The database is what this version works with: nothing to do.\n'
        : steps.map((step) => `${step} done\n`).join(''),
    );
    return EXIT_CODES.done;
  } catch (error) {
    if (error instanceof DatabaseError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const { values } = parseWords(words, {
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  return values.help;
}
