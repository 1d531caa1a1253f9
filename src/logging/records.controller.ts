import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../auth/route-access.decorator';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { QueryPipe } from '../common/http/query.pipe';
import { readViewer } from '../common/http/request-context';
import { ServiceRequest } from '../common/http/service-request';
import { type PredictionRecord } from './prediction-record';
import { RecordsQuery } from './records.query';
import { type RecordsPage, RecordsService } from './records.service';

/** The trace of every decision. */
@ApiTags('records')
@RequireScope('records')
@Controller('predictions')
export class RecordsController {
  constructor(private readonly records: RecordsService) {}

  @Get()
  @ApiOperation({ summary: 'List decisions, newest first' })
  @ApiResponse({ status: 200, description: 'A page', schema: { $ref: '#/components/schemas/RecordsPage' } })
  @ApiProblem(400)
  @ApiProblem(503, 'Records cannot be read now; try again')
  list(
    @Query(new QueryPipe(RecordsQuery)) query: RecordsQuery,
    @Req() request: ServiceRequest,
  ): Promise<RecordsPage> {
    return this.records.list(query, readViewer(request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One record, whole' })
  @ApiParam({ name: 'id', description: 'The `id` that POST /predict answered.' })
  @ApiResponse({ status: 200, description: 'The record', schema: { $ref: '#/components/schemas/Record' } })
  @ApiProblem(404)
  @ApiProblem(503, 'Records cannot be read now; try again')
  find(@Param('id') id: string, @Req() request: ServiceRequest): Promise<PredictionRecord> {
    return this.records.find(id, readViewer(request));
  }
}
