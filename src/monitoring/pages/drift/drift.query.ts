import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { DataQuery } from '../data.query';
import { type Language, LANGUAGES } from '../languages';
import { PageQuery } from '../page.query';

const FORMATS = ['json', 'csv', 'html'] as const;

/** Tables of all inputs that can be had as CSV, the usual one first. */
export const DRIFT_TABLES = ['inputs', 'runs'] as const;

/** A table of the page of drift. */
export type DriftTable = (typeof DRIFT_TABLES)[number];

/** Tables of one input that can be had as CSV, the usual one first. */
export const DRIFT_INPUT_TABLES = ['bins', 'history'] as const;

/** A table of the page of one input. */
export type DriftInputTable = (typeof DRIFT_INPUT_TABLES)[number];

/** Which report to show; each message completes "NAME must be …". */
class ReportQuery {
  @IsOptional()
  @IsString({ message: 'the id of one drift report' })
  @ApiProperty({ required: false, description: 'Id of a report; the latest scheduled one when absent.' })
  report?: string;
}

/** What the pages of drift take. */
export class DriftPageQuery extends IntersectionType(ReportQuery, PageQuery) {}

/** What the data of drift takes. */
export class DriftDataQuery extends ReportQuery {
  @IsOptional()
  @IsIn(FORMATS, { message: `one of ${FORMATS.join(', ')}` })
  @ApiProperty({
    required: false,
    enum: FORMATS,
    default: 'json',
    description: '`html` is the report as one file that needs no network.',
  })
  format?: (typeof FORMATS)[number];

  @IsOptional()
  @IsIn(DRIFT_TABLES, { message: `one of ${DRIFT_TABLES.join(', ')}` })
  @ApiProperty({
    required: false,
    enum: DRIFT_TABLES,
    default: DRIFT_TABLES[0],
    description: 'Which table as CSV.',
  })
  table?: DriftTable;

  @IsOptional()
  @IsIn(LANGUAGES, { message: `one of ${LANGUAGES.join(', ')}` })
  @ApiProperty({ required: false, enum: LANGUAGES, description: 'Of the HTML file.' })
  lang?: Language;
}

/** What the data of one input's drift takes. */
export class DriftInputDataQuery extends IntersectionType(ReportQuery, DataQuery) {
  @IsOptional()
  @IsIn(DRIFT_INPUT_TABLES, { message: `one of ${DRIFT_INPUT_TABLES.join(', ')}` })
  @ApiProperty({
    required: false,
    enum: DRIFT_INPUT_TABLES,
    default: DRIFT_INPUT_TABLES[0],
    description: 'Which table as CSV.',
  })
  table?: DriftInputTable;
}
