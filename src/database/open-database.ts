import { Database } from './database';
import { migrateDatabase } from './migrate-database';

/**
 * The database of a service that starts, with everything in it that this version works with.
 *
 * @throws {DatabaseError} the server cannot be reached or used, or a newer version of this service was there
 */
export async function openDatabase(url: string): Promise<Database> {
  await migrateDatabase(url);
  return new Database({ url });
}
