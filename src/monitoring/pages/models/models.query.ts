import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DataQuery } from '../data.query';

/** Tables that can be had as CSV, the usual one first. */
export const MODEL_TABLES = ['features', 'inputs', 'metrics', 'costs'] as const;

/** A table of the model's card. */
export type ModelTable = (typeof MODEL_TABLES)[number];

/** What the data of the model's card takes. */
export class ModelsDataQuery extends DataQuery {
  @IsOptional()
  @IsIn(MODEL_TABLES, { message: `one of ${MODEL_TABLES.join(', ')}` })
  @ApiProperty({
    required: false,
    enum: MODEL_TABLES,
    default: 'features',
    description: 'Which table as CSV.',
  })
  table?: ModelTable;
}
