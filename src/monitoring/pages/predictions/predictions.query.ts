import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { RECORD_ID_PATTERN } from '../../../logging/issue-record-id';
import { CLIENT_ID_PATTERN } from '../../../scoring/application/application';
import { type Decision, DECISIONS } from '../../../scoring/policy/decide';
import { DataQuery } from '../data.query';
import { PageQuery } from '../page.query';

const TIME_MESSAGE =
  'a day or a time in ISO 8601, UTC unless it says its zone, such as 2026-01-31 or 2026-01-31T08:00';

/** Years before 1000 are slips. */
const TIME_PATTERN = /^[1-9]\d{3}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Longer than any id of a record or a client. */
const LONGEST_SEARCH = 200;

/** Forms send fields that were left empty as empty texts. */
function EmptyIsAbsent(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }): unknown => (value === '' ? undefined : value));
}

/** The forms of a time that other programs make, or nothing; see `TIME_PATTERN` for all. */
const TIME_FORMATS = [
  { format: 'date', pattern: '^[1-9]' },
  { format: 'date-time', pattern: '^[1-9]' },
  { maxLength: 0 },
];

/** What a field of a form that is read by `EmptyIsAbsent` may hold. */
function patternOrEmpty(pattern: RegExp): string {
  return `^$|${pattern.source}`;
}

/** Which decisions to show; each message completes "NAME must be …". */
class FilterQuery {
  @EmptyIsAbsent()
  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({
    required: false,
    anyOf: TIME_FORMATS,
    description: 'Earliest time (inclusive), UTC unless it says its zone.',
  })
  from?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({
    required: false,
    anyOf: TIME_FORMATS,
    description: 'Latest time (exclusive), UTC unless it says its zone.',
  })
  to?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @IsIn(DECISIONS, { message: `one of ${DECISIONS.join(', ')}` })
  @ApiProperty({ required: false, enum: ['', ...DECISIONS] })
  decision?: Decision;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(CLIENT_ID_PATTERN, { message: 'the id of a record, or a client id as POST /predict takes it' })
  @ApiProperty({
    required: false,
    pattern: patternOrEmpty(CLIENT_ID_PATTERN),
    description: "The client application's own name for its client.",
  })
  clientId?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(RECORD_ID_PATTERN, { message: 'the nextCursor of an earlier answer' })
  @ApiProperty({
    required: false,
    pattern: patternOrEmpty(RECORD_ID_PATTERN),
    description: '`nextCursor` of the page before.',
  })
  cursor?: string;
}

/** What the page of decisions takes. */
export class PredictionsPageQuery extends IntersectionType(FilterQuery, PageQuery) {}

/** What the data of decisions takes. */
export class PredictionsDataQuery extends IntersectionType(FilterQuery, DataQuery) {}

/** What the search box sends. */
export class SearchQuery {
  @IsOptional()
  @IsString({ message: 'one id' })
  @MaxLength(LONGEST_SEARCH, { message: `at most ${LONGEST_SEARCH} characters` })
  search?: string;
}
