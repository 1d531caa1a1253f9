import { isUtf8 } from 'node:buffer';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { parseJsonBody } from '../common/http/parse-json-body';
import { type FieldProblem, ProblemException } from '../common/http/problem';
import { type ReceivedBody } from '../common/http/read-body';
import { ActiveModels } from '../model/active-models';
import { ApplicationChecker } from './application-checker';
import { describeRowLength, readCsvHeader } from './csv-applications';
import { type BatchEntry } from './score-batch';

/** More applications than this belong in several requests, or in `npm run score`. */
export const LARGEST_BATCH = 1_000;

/** The array around applications, see `ApplicationPipe`. */
const MAXIMUM_DEPTH = 4;

/** Turns the body of a batch, JSON or CSV, into checked applications and refusals, in order. */
@Injectable()
export class BatchPipe implements PipeTransform<ReceivedBody, BatchEntry[]> {
  constructor(
    private readonly checker: ApplicationChecker,
    private readonly models: ActiveModels,
  ) {}

  /** @throws {ProblemException} 400 when the body as a whole is not a batch; single bad rows are entries */
  transform(body: ReceivedBody): BatchEntry[] {
    return body.mediaType === 'text/csv' ? this.readCsv(body.bytes) : this.readJson(body.bytes);
  }

  private readJson(bytes: Buffer): BatchEntry[] {
    const rows = parseJsonBody(bytes, MAXIMUM_DEPTH);
    if (!Array.isArray(rows)) throw notABatch('wrong_type', 'expected a JSON array of applications');
    checkSize(rows);
    return (rows as readonly unknown[]).map((row) => this.check(row));
  }

  private readCsv(bytes: Buffer): BatchEntry[] {
    const [header = [], ...rows] = parseCsv(bytes);
    const columns = readCsvHeader(this.models.champion().bundle, header);
    const problems = [
      ...columns.unknown.map((place) =>
        describeColumn(place, 'unknown_field', 'is no field of an application'),
      ),
      ...columns.duplicate.map((place) =>
        describeColumn(place, 'duplicate_key', 'stands in the header twice'),
      ),
    ];
    if (problems.length > 0) {
      const detail = 'Correct the header of the CSV: its first line names the inputs.';
      throw new ProblemException('malformed-body', detail, { errors: problems });
    }
    checkSize(rows);
    return rows.map((cells) =>
      cells.length === header.length
        ? this.check(columns.readRow(cells))
        : [describeRowLength(header.length, cells.length)],
    );
  }

  private check(body: unknown): BatchEntry {
    const checked = this.checker.check(body);
    return 'application' in checked ? checked.application : checked.problems;
  }
}

function parseCsv(bytes: Buffer): string[][] {
  if (!isUtf8(bytes)) throw notABatch('encoding', 'expected UTF-8');
  try {
    return parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      to: LARGEST_BATCH + 2,
    });
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    throw notABatch('syntax', `expected CSV with its quotes closed${line ? ` (line ${line})` : ''}`);
  }
}

function checkSize(rows: readonly unknown[]): void {
  if (rows.length === 0 || rows.length > LARGEST_BATCH) {
    throw notABatch('size', `expected 1 to ${LARGEST_BATCH} applications`);
  }
}

/** By its place: without a header the names would be somebody's values. */
function describeColumn(place: number, code: string, message: string): FieldProblem {
  const field = `column ${place + 1}`;
  return { field, code, message: `${field} ${message}` };
}

function notABatch(code: string, message: string): ProblemException {
  return new ProblemException('malformed-body', 'The body is not a batch of applications.', {
    errors: [{ field: '', code, message }],
  });
}
