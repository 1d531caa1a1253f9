import { Inject, Injectable } from '@nestjs/common';
import { ProblemException } from '../common/http/problem';
import { isVisible, type Viewer } from '../common/http/request-context';
import { describeReadFailure } from './describe-read-failure';
import { firstIdAt, isRecordId } from './issue-record-id';
import {
  indexesClients,
  type LogPage,
  type LogQuery,
  PREDICTION_LOG_READER,
  type PredictionLogReader,
} from './prediction-log';
import { type DecisionRecord, type PredictionRecord } from './prediction-record';
import { type RecordsQuery } from './records.query';

/** Records read at a time while looking for matches. */
const READ_SIZE = 500;
/** Records looked at for one answer; a rare match is found over several pages, never in one long request. */
const MOST_READ = 10_000;

/** Part of the decisions, newest first. */
export interface RecordsPage {
  readonly items: readonly DecisionRecord[];
  /** Send it as `cursor` for what is older; absent at the end. A page may be short and still have one. */
  readonly nextCursor?: string;
}

/** Reads the trace. */
@Injectable()
export class RecordsService {
  constructor(@Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader) {}

  /**
   * @throws {ProblemException} 404 when no record has this id, or it is another tenant's: which of both is not told;
   *   503 when the log cannot be read now
   */
  async find(id: string, viewer: Viewer): Promise<PredictionRecord> {
    const record = isRecordId(id.toLowerCase())
      ? await this.whileReadable(this.log.find(id.toLowerCase()))
      : undefined;
    if (record === undefined || !isVisible(record, viewer)) {
      throw new ProblemException('not-found', 'No record has this id.');
    }
    return record;
  }

  /**
   * The viewer's decisions within a time span, newest first. Starts at the span by search, not by scan; looks at no
   * more than 10,000 records for one answer, those of other clients left out where the log has an index of clients.
   *
   * @throws {ProblemException} 503 when the log cannot be read now
   */
  async list(query: RecordsQuery, viewer: Viewer): Promise<RecordsPage> {
    const items: DecisionRecord[] = [];
    const after = query.from === undefined ? undefined : firstIdFrom(query.from);
    let before = earliest(query.cursor, query.to === undefined ? undefined : firstIdFrom(query.to));
    for (let read = 0; read < MOST_READ; read += READ_SIZE) {
      const page = await this.whileReadable(
        this.read(query.clientId, {
          order: 'newest-first',
          limit: READ_SIZE,
          ...(after !== undefined && { after }),
          ...(before !== undefined && { before }),
        }),
      );
      for (const [index, record] of page.records.entries()) {
        before = record.id;
        if (!isVisible(record, viewer) || !matches(record, query)) continue;
        items.push(record);
        if (items.length < query.limit) continue;
        const more = page.more || index < page.records.length - 1;
        return { items, ...(more && { nextCursor: record.id }) };
      }
      if (!page.more) return { items };
    }
    return { items, ...(before !== undefined && { nextCursor: before }) };
  }

  /** At least the client's records: a log without an index gives all. */
  private read(clientId: string | undefined, query: LogQuery): Promise<LogPage> {
    return clientId !== undefined && indexesClients(this.log)
      ? this.log.readOfClient(clientId, query)
      : this.log.read(query);
  }

  private async whileReadable<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      throw describeReadFailure(error);
    }
  }
}

/** Ids begin in 1970: what asks for earlier asks for all. */
function firstIdFrom(time: string): string {
  return firstIdAt(Math.max(0, Date.parse(time)));
}

function matches(record: PredictionRecord, query: RecordsQuery): record is DecisionRecord {
  return (
    'decision' in record &&
    (query.decision === undefined || record.decision === query.decision) &&
    (query.clientId === undefined || record.clientId === query.clientId)
  );
}

function earliest(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left < right ? left : right;
}
