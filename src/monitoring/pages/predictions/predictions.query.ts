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

const TIME_PATTERN = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Longer than any id of a record or a client. */
const LONGEST_SEARCH = 200;

/** Forms send fields that were left empty as empty texts. */
function EmptyIsAbsent(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }): unknown => (value === '' ? undefined : value));
}

/** Which decisions to show; each message completes "NAME must be …". */
class FilterQuery {
  @EmptyIsAbsent()
  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({ required: false, description: 'Earliest time (inclusive), UTC unless it says its zone.' })
  from?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({ required: false, description: 'Latest time (exclusive), UTC unless it says its zone.' })
  to?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @IsIn(DECISIONS, { message: `one of ${DECISIONS.join(', ')}` })
  @ApiProperty({ required: false, enum: DECISIONS })
  decision?: Decision;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(CLIENT_ID_PATTERN, { message: 'the id of a record, or a client id as POST /predict takes it' })
  @ApiProperty({ required: false, description: "The client application's own name for its client." })
  clientId?: string;

  @EmptyIsAbsent()
  @IsOptional()
  @Matches(RECORD_ID_PATTERN, { message: 'the nextCursor of an earlier answer' })
  @ApiProperty({ required: false, description: '`nextCursor` of the page before.' })
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
