import { type Database } from '../../database/database';
import { assembleHistory, type StoredHistory, type StoredStep } from './stored-history';
import { type SummaryRetention } from './summary-retention';
import { ERASED_SAMPLE, type FinishedHour, type SummaryStore } from './summary-store';
import { HOUR_MS, startOfStep } from './time-steps';

/** Rows read at a time at start: some 10 kB each, minutes some 300 kB. */
const READ_AT_ONCE = 100;

/**
 * Summaries in the table `monitoring_summaries`, shared by all instances.
 *
 * Every instance folds the whole log and keeps the hours it has finished, so most are kept several times. The id of
 * the last record in a step says how far it reaches: a step is never replaced by one that reaches less far.
 */
export class PostgresSummaryStore implements SummaryStore {
  /** @param database closed with the store */
  constructor(
    private readonly database: Pick<Database, 'query' | 'close'>,
    readonly retention: SummaryRetention,
  ) {}

  /** @inheritDoc */
  async load(nowMs: number): Promise<StoredHistory> {
    // Hours first: what another instance keeps meanwhile is then behind the last of them, and read from the log.
    const kept = {
      hours: await this.readAll('hour'),
      minutes: await this.readAll('minutes'),
      days: await this.readAll('day'),
    };
    return assembleHistory(kept, nowMs);
  }

  /** @inheritDoc */
  async keep({ startMs, hour, minutes, dayMs, day, sample }: FinishedHour): Promise<void> {
    const hourContent = encode(hour);
    if (await this.isKept(startMs, hourContent)) return;
    if (sample) await this.keepSample(startMs, hour.lastId, sample);
    const steps = [
      ...(minutes.minutes.length > 0 ? [{ kind: 'minutes', startMs, content: encode(minutes) }] : []),
      { kind: 'day', startMs: dayMs, content: encode(day) },
      { kind: 'hour', startMs, content: hourContent },
    ];
    await this.database.query(
      `INSERT INTO monitoring_summaries AS kept (kind, start_at, last_id, content)
       SELECT kind, start_at, $1::uuid, content
       FROM unnest($2::text[], $3::timestamptz[], $4::bytea[]) AS step (kind, start_at, content)
       ON CONFLICT (kind, start_at) DO UPDATE
         SET last_id = excluded.last_id, content = excluded.content
         WHERE kept.last_id IS NULL OR kept.last_id <= excluded.last_id`,
      [
        hour.lastId,
        steps.map(({ kind }) => kind),
        steps.map((step) => new Date(step.startMs)),
        steps.map(({ content }) => content),
      ],
    );
  }

  /** @inheritDoc */
  async readSample(hourMs: number): Promise<Buffer | undefined> {
    const { rows } = await this.database.query<{ readonly content: Buffer }>(
      `SELECT content FROM monitoring_summaries WHERE kind = 'sample' AND start_at = $1`,
      [new Date(hourMs)],
    );
    return rows[0]?.content;
  }

  /** @inheritDoc */
  async eraseSamples(timesMs: readonly number[]): Promise<void> {
    const hours = new Set(timesMs.map((timeMs) => startOfStep(timeMs, HOUR_MS)));
    await this.database.query(
      `INSERT INTO monitoring_summaries (kind, start_at, content)
       SELECT 'sample', start_at, $1 FROM unnest($2::timestamptz[]) AS hour (start_at)
       ON CONFLICT (kind, start_at) DO UPDATE SET last_id = NULL, content = excluded.content`,
      [ERASED_SAMPLE, [...hours].sort((one, other) => one - other).map((hourMs) => new Date(hourMs))],
    );
  }

  /** @inheritDoc */
  async removeOld(hourMs: number, nowMs: number): Promise<void> {
    const { minutes, hours, days, samples } = this.retention.findOldestKept(hourMs, nowMs);
    await this.database.query(
      `DELETE FROM monitoring_summaries
       USING unnest(ARRAY['minutes', 'hour', 'day', 'sample'], $1::timestamptz[]) AS oldest (kind, start_at)
       WHERE monitoring_summaries.kind = oldest.kind AND monitoring_summaries.start_at < oldest.start_at`,
      [[minutes, hours, days, samples].map((oldestMs) => new Date(oldestMs))],
    );
  }

  /** @inheritDoc */
  close(): Promise<void> {
    return this.database.close();
  }

  /** Whether another instance has kept exactly this: raw values, up to 20 MB, are then not sent again. */
  private async isKept(startMs: number, content: Buffer): Promise<boolean> {
    const { rows } = await this.database.query(
      `SELECT FROM monitoring_summaries WHERE kind = 'hour' AND start_at = $1 AND content = $2`,
      [new Date(startMs), content],
    );
    return rows.length > 0;
  }

  /** The first ones stay, and so does the mark of an erasure. */
  private async keepSample(startMs: number, lastId: string, sample: Buffer): Promise<void> {
    await this.database.query(
      `INSERT INTO monitoring_summaries (kind, start_at, last_id, content) VALUES ('sample', $1, $2, $3)
       ON CONFLICT (kind, start_at) DO NOTHING`,
      [new Date(startMs), lastId, sample],
    );
  }

  /** Oldest first. */
  private async readAll(kind: 'hour' | 'minutes' | 'day'): Promise<readonly StoredStep[]> {
    const read: StoredStep[] = [];
    for (let after = new Date(0); ;) {
      const { rows } = await this.database.query<{ readonly start_at: Date; readonly content: Buffer }>(
        `SELECT start_at, content FROM monitoring_summaries WHERE kind = $1 AND start_at > $2
         ORDER BY start_at LIMIT $3`,
        [kind, after, READ_AT_ONCE],
      );
      for (const { start_at, content } of rows) {
        read.push([start_at.getTime(), content]);
        after = start_at;
      }
      if (rows.length < READ_AT_ONCE) return read;
    }
  }
}

function encode(content: object): Buffer {
  return Buffer.from(JSON.stringify(content));
}
