import { type QueryResultRow } from 'pg';
import { type Database, type DatabaseResult } from '../../database/database';
import { explainReadFailure } from '../../logging/postgres/log-failure';
import { type DriftReport } from './drift-report';
import { type DriftReportStore } from './drift-report-store';
import { parseDriftReportId } from './parse-drift-report-id';

/**
 * Drift reports as rows of the table `drift_reports`, which lies beside the log: while the database is away every call
 * rejects with the `LogUnavailableError` of the log.
 */
export class PostgresDriftReportStore implements DriftReportStore {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  /** @inheritDoc */
  async listIds(): Promise<readonly string[]> {
    // Bytewise, as names of files are sorted, whatever the collation of the database.
    const { rows } = await this.query<{ readonly id: string }>(
      `SELECT id FROM drift_reports ORDER BY id COLLATE "C" DESC`,
    );
    return rows.map(({ id }) => id);
  }

  /** @inheritDoc */
  async read(id: string): Promise<string | undefined> {
    const { rows } = await this.query<{ readonly content: string }>(
      `SELECT content FROM drift_reports WHERE id = $1`,
      [id],
    );
    return rows[0]?.content;
  }

  /** @inheritDoc The primary key decides who was first. */
  async keep(report: DriftReport): Promise<boolean> {
    const manualAtMs = parseDriftReportId(report.id)?.manualAtMs ?? null;
    const { rows } = await this.query(
      `INSERT INTO drift_reports (id, window_end, manual_at, created_at, content) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        report.id,
        report.window.to,
        manualAtMs === null ? null : new Date(manualAtMs),
        report.createdAt,
        JSON.stringify(report),
      ],
    );
    return rows.length > 0;
  }

  /** @inheritDoc */
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.query(`DELETE FROM drift_reports WHERE id = ANY ($1)`, [ids]);
  }

  /** @inheritDoc */
  locate(id: string): string {
    return `table drift_reports, id ${id}`;
  }

  private async query<Row extends QueryResultRow>(
    statement: string,
    values: readonly unknown[] = [],
  ): Promise<DatabaseResult<Row>> {
    try {
      return await this.database.query<Row>(statement, values);
    } catch (error) {
      throw explainReadFailure(error);
    }
  }
}
