import { join } from 'node:path';
import { type Configuration } from '../../config/configuration';
import { SummaryRetention } from './summary-retention';
import { type SummaryStore } from './summary-store';

/** Nobody waits for it, and raw values of an hour, 20 MB at most, take longer than a page may. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** What decides where summaries are kept, and for how long. */
interface SummaryStoreOptions {
  readonly storage: Configuration['storage'];
  readonly monitoring: Pick<Configuration['monitoring'], 'folder' | 'retentionDays'> & {
    readonly drift: Pick<Configuration['monitoring']['drift'], 'windowHours'>;
  };
}

/** Opens the store of summaries that the configuration asks for; close it after use. */
export async function openSummaryStore({ storage, monitoring }: SummaryStoreOptions): Promise<SummaryStore> {
  const retention = new SummaryRetention(monitoring.drift.windowHours, monitoring.retentionDays);
  switch (storage.kind) {
    case 'file': {
      const { FileSummaryStore } = await import('./file-summary-store');
      return new FileSummaryStore(join(monitoring.folder, 'summaries'), retention);
    }
    case 'postgres': {
      const { Database } = await import('../../database/database');
      const { PostgresSummaryStore } = await import('./postgres-summary-store');
      const database = new Database({
        url: storage.url,
        maxConnections: 1,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      });
      return new PostgresSummaryStore(database, retention);
    }
  }
}
