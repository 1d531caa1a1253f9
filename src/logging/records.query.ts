import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, Matches, Max, Min } from 'class-validator';
import { CLIENT_ID_PATTERN } from '../scoring/application/application';
import { type Decision, DECISIONS } from '../scoring/policy/decide';
import { RECORD_ID_PATTERN } from './issue-record-id';

/** A page that a person or a script still handles at once. */
const LARGEST_PAGE = 200;
const USUAL_PAGE = 50;

const TIME_MESSAGE = 'a day or a time with its zone in ISO 8601, such as 2026-01-31 or 2026-01-31T00:00:00Z';

/**
 * A day (its first moment, UTC), or a time that says its zone: nothing is left to the zone of the server. Years before
 * 1000 are slips; the check of days would take those before 100 for years of the last century.
 */
const TIME_PATTERN = /^[1-9]\d{3}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** The forms of a time that other programs make; see `TIME_PATTERN` for all. */
const TIME_FORMATS = [
  { format: 'date', pattern: '^[1-9]' },
  { format: 'date-time', pattern: '^[1-9]' },
];

/** Which decisions to list; each message completes "NAME must be …". */
export class RecordsQuery {
  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({
    required: false,
    description: 'Earliest time (inclusive), ISO 8601.',
    anyOf: TIME_FORMATS,
    example: '2026-01-01T00:00:00Z',
  })
  from?: string;

  @IsOptional()
  @Matches(TIME_PATTERN, { message: TIME_MESSAGE })
  @IsISO8601({ strict: true }, { message: TIME_MESSAGE })
  @ApiProperty({ required: false, description: 'Latest time (exclusive), ISO 8601.', anyOf: TIME_FORMATS })
  to?: string;

  @IsOptional()
  @IsIn(DECISIONS, { message: `one of ${DECISIONS.join(', ')}` })
  @ApiProperty({ required: false, enum: DECISIONS })
  decision?: Decision;

  @IsOptional()
  @Matches(CLIENT_ID_PATTERN, { message: 'a client id as POST /predict takes it' })
  @ApiProperty({
    required: false,
    pattern: CLIENT_ID_PATTERN.source,
    description: "The client application's own name for its client.",
  })
  clientId?: string;

  @IsOptional()
  @Matches(RECORD_ID_PATTERN, { message: 'the nextCursor of an earlier answer' })
  @ApiProperty({
    required: false,
    pattern: RECORD_ID_PATTERN.source,
    description: '`nextCursor` of the page before.',
  })
  cursor?: string;

  @Type(() => Number)
  @IsInt({ message: `a whole number from 1 to ${LARGEST_PAGE}` })
  @Min(1, { message: `a whole number from 1 to ${LARGEST_PAGE}` })
  @Max(LARGEST_PAGE, { message: `a whole number from 1 to ${LARGEST_PAGE}` })
  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: LARGEST_PAGE,
    default: USUAL_PAGE,
  })
  limit: number = USUAL_PAGE;
}
