import { Controller, Get, Param, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../../../common/http/api-problem.decorator';
import { QueryPipe } from '../../../common/http/query.pipe';
import { readViewer } from '../../../common/http/request-context';
import { ServiceRequest } from '../../../common/http/service-request';
import { answerCsv } from '../answer-csv';
import { ApiData } from '../api-data.decorator';
import { DataQuery } from '../data.query';
import { type PredictionData, type PredictionsData } from './predictions-data';
import { PredictionsPagesService } from './predictions-pages.service';
import { PredictionsDataQuery } from './predictions.query';
import { tabulatePrediction, tabulatePredictions } from './tabulate-predictions';

/** The figures of `/monitoring/predictions`. */
@ApiTags('monitoring')
@Controller('monitoring/api/predictions')
export class PredictionsDataController {
  constructor(private readonly predictions: PredictionsPagesService) {}

  @Get()
  @ApiData('Decisions, newest first, 50 at a time', {
    items: 'The records, whole',
    nextCursor: 'Send it as `cursor` for what is older; null at the end',
    searchedTo:
      'Set when the search stopped after 10,000 records without filling the page: how far back it looked',
  })
  async answer(
    @Query(new QueryPipe(PredictionsDataQuery)) query: PredictionsDataQuery,
    @Req() request: ServiceRequest,
  ): Promise<PredictionsData | StreamableFile> {
    const data = await this.predictions.list(query, readViewer(request));
    return query.format === 'csv' ? answerCsv(tabulatePredictions(data)) : data;
  }

  @Get(':id')
  @ApiData('One record, and where its values stand among the reference', {
    record: 'The record, whole',
    inputs: 'Values that were scored, each with its definition and its bin of the reference',
    protected: 'Values that were recorded and not scored',
    policy: 'The policy that decided; null for a refusal, or when the bundle is no longer kept',
    modelKept: 'Whether the bundle that decided is still there as it was; null for a refusal',
  })
  @ApiProblem(404)
  async answerOne(
    @Param('id') id: string,
    @Query(new QueryPipe(DataQuery)) { format }: DataQuery,
    @Req() request: ServiceRequest,
  ): Promise<PredictionData | StreamableFile> {
    const data = await this.predictions.find(id, readViewer(request));
    return format === 'csv' ? answerCsv(tabulatePrediction(data)) : data;
  }
}
