import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

const FORMATS = ['json', 'csv'] as const;

/** What every data route takes; each route's own query class extends it or has the same member. */
export class DataQuery {
  @IsOptional()
  @IsIn(FORMATS, { message: `one of ${FORMATS.join(', ')}` })
  @ApiProperty({ required: false, enum: FORMATS, default: 'json' })
  format?: (typeof FORMATS)[number];
}
