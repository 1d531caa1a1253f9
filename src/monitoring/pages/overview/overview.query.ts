import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';
import { DataQuery } from '../data.query';
import { PageQuery } from '../page.query';

/** Spans that are asked for by name, the shortest first. */
export const PERIODS = ['hour', 'day', 'week', 'month'] as const;

/** A span that is asked for by name. */
export type Period = (typeof PERIODS)[number];

/** Tables that can be had as CSV, the usual one first. */
export const OVERVIEW_TABLES = [
  'traffic',
  'probability',
  'statuses',
  'refused-fields',
  'models',
  'vitals',
] as const;

/** A table of the overview. */
export type OverviewTable = (typeof OVERVIEW_TABLES)[number];

const TIME_MESSAGE =
  'a day or a time in ISO 8601, UTC unless it says its zone, such as 2026-01-31 or 2026-01-31T08:00';

/** What a date field of a browser sends has no zone; the form says that it is UTC. Years before 1000 are slips. */
const TIME_PATTERN = /^[1-9]\d{3}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** The forms of a time that other programs make; see `TIME_PATTERN` for all. */
const TIME_FORMATS = [
  { format: 'date', pattern: '^[1-9]' },
  { format: 'date-time', pattern: '^[1-9]' },
];

/** Which span to show; each message completes "NAME must be …". */
class SpanQuery {
  @IsOptional()
  @IsIn(PERIODS, { message: `one of ${PERIODS.join(', ')}` })
  @ApiProperty({ required: false, enum: PERIODS, default: 'day', description: 'A span that ends now.' })
  period?: Period;

  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({
    required: false,
    anyOf: TIME_FORMATS,
    description: 'Instead of `period`: begin (inclusive), UTC unless it says its zone.',
  })
  from?: string;

  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({
    required: false,
    anyOf: TIME_FORMATS,
    description: 'End (exclusive), at most 366 days after `from`; now when absent.',
  })
  to?: string;
}

/** What the page of the overview takes. */
export class OverviewPageQuery extends IntersectionType(SpanQuery, PageQuery) {}

/** What the data of the overview takes. */
export class OverviewDataQuery extends IntersectionType(SpanQuery, DataQuery) {
  @IsOptional()
  @IsIn(OVERVIEW_TABLES, { message: `one of ${OVERVIEW_TABLES.join(', ')}` })
  @ApiProperty({
    required: false,
    enum: OVERVIEW_TABLES,
    default: 'traffic',
    description: 'Which table as CSV.',
  })
  table?: OverviewTable;
}
