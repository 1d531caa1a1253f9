import { Injectable, type PipeTransform } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { parseJsonBody } from '../common/http/parse-json-body';
import { type FieldProblem, ProblemException } from '../common/http/problem';
import { type ReceivedBody } from '../common/http/read-body';
import { ActiveModels } from '../model/active-models';
import { ApplicationChecker } from './application-checker';
import { readCsvHeader } from './csv-applications';
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
    const rows = body.mediaType === 'text/csv' ? this.readCsv(body.bytes) : readJson(body.bytes);
    if (rows.length === 0 || rows.length > LARGEST_BATCH) {
      throw notABatch('size', `expected 1 to ${LARGEST_BATCH} applications`);
    }
    return rows.map((row) => {
      const checked = this.checker.check(row);
      return 'application' in checked ? checked.application : checked.problems;
    });
  }

  private readCsv(bytes: Buffer): unknown[] {
    let table: string[][];
    try {
      table = parse(bytes, {
        bom: true,
        skip_empty_lines: true,
        relax_column_count: false,
        to: LARGEST_BATCH + 2,
      });
    } catch (error) {
      const line = (error as { lines?: number }).lines;
      throw notABatch(
        'syntax',
        `expected CSV with one header and equally long rows${line ? ` (line ${line})` : ''}`,
      );
    }
    const [header = [], ...rows] = table;
    const columns = readCsvHeader(this.models.champion().bundle, header);
    const problems: FieldProblem[] = [
      ...columns.unknown.map((name) =>
        describeColumn(name, 'unknown_field', 'is not a field of an application'),
      ),
      ...columns.duplicate.map((name) => describeColumn(name, 'duplicate_key', 'stands in the header twice')),
    ];
    if (problems.length > 0) {
      throw new ProblemException('malformed-body', 'Correct the header of the CSV.', { errors: problems });
    }
    return rows.map((cells) => columns.readRow(cells));
  }
}

function readJson(bytes: Buffer): readonly unknown[] {
  const value = parseJsonBody(bytes, MAXIMUM_DEPTH);
  if (!Array.isArray(value)) throw notABatch('wrong_type', 'expected a JSON array of applications');
  return value as readonly unknown[];
}

function describeColumn(name: string, code: string, message: string): FieldProblem {
  const field = name.slice(0, 64);
  return { field, code, message: `column ${field} ${message}` };
}

function notABatch(code: string, message: string): ProblemException {
  return new ProblemException('malformed-body', 'The body is not a batch of applications.', {
    errors: [{ field: '', code, message }],
  });
}
