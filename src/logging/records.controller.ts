import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { QueryPipe } from '../common/http/query.pipe';
import { type PredictionRecord } from './prediction-record';
import { RecordsQuery } from './records.query';
import { type RecordsPage, RecordsService } from './records.service';

/** The trace of every decision. */
@ApiTags('records')
@Controller('predictions')
export class RecordsController {
  constructor(private readonly records: RecordsService) {}

  @Get()
  @ApiOperation({ summary: 'List decisions, newest first' })
  @ApiResponse({ status: 200, description: 'A page', schema: { $ref: '#/components/schemas/RecordsPage' } })
  @ApiProblem(400)
  list(@Query(new QueryPipe(RecordsQuery)) query: RecordsQuery): Promise<RecordsPage> {
    return this.records.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One record, whole' })
  @ApiParam({ name: 'id', description: 'The `id` that POST /predict answered.' })
  @ApiResponse({ status: 200, description: 'The record', schema: { $ref: '#/components/schemas/Record' } })
  @ApiProblem(404)
  find(@Param('id') id: string): Promise<PredictionRecord> {
    return this.records.find(id);
  }
}
