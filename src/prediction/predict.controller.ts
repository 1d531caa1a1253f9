import { Controller, Header, HttpCode, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { readRequestContext } from '../common/http/request-context';
import { RequestBody } from '../common/http/request-body.decorator';
import { ServiceRequest } from '../common/http/service-request';
import { type Application } from '../scoring/application/application';
import { ApplicationPipe } from './application.pipe';
import { BatchPipe, LARGEST_BATCH } from './batch.pipe';
import { formatBatchCsv } from './format-batch-csv';
import { type BatchItem, type Prediction } from './prediction';
import { PredictionService } from './prediction.service';
import { RecordRefusalsFilter } from './record-refusals.filter';
import { type BatchEntry } from './score-batch';

const LIMIT_BYTES = {
  /** Twenty times the largest application there is: nothing honest comes near it. */
  application: 64 * 1024,
  /** A full batch of such applications as they usually are, with room for white space. */
  batch: 4 * 1024 * 1024,
} as const;

/** Scores applications. */
@ApiTags('predictions')
@Controller('predict')
@UseFilters(RecordRefusalsFilter)
export class PredictController {
  constructor(private readonly predictions: PredictionService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Decide on one application',
    description:
      'Answers with the probability of default, the score and the decision, after the record of it is kept. Low probability is good.',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/Application' } })
  @ApiResponse({
    status: 200,
    description: 'The decision',
    schema: { $ref: '#/components/schemas/Prediction' },
  })
  @ApiProblem(400)
  @ApiProblem(413)
  @ApiProblem(415)
  @ApiProblem(503)
  predict(
    @RequestBody({ mediaTypes: ['application/json'], limitBytes: LIMIT_BYTES.application }, ApplicationPipe)
    application: Application,
    @Req() request: ServiceRequest,
  ): Promise<Prediction> {
    return this.predictions.score(application, readRequestContext(request));
  }

  @Post('batch')
  @HttpCode(200)
  @Header('Vary', 'Accept')
  @ApiOperation({
    summary: `Decide on up to ${LARGEST_BATCH} applications`,
    description:
      'Answers in order; a bad application does not fail the others. CSV has the input names (protected ones too) and clientId as its header, and is answered as CSV unless the caller accepts application/json only.',
  })
  @ApiConsumes('application/json', 'text/csv')
  @ApiProduces('application/json', 'text/csv')
  @ApiBody({
    schema: { type: 'array', maxItems: LARGEST_BATCH, items: { $ref: '#/components/schemas/Application' } },
  })
  @ApiResponse({
    status: 200,
    description: 'Answers in order',
    schema: { $ref: '#/components/schemas/Batch' },
  })
  @ApiProblem(400)
  @ApiProblem(413)
  @ApiProblem(415)
  @ApiProblem(503)
  async predictBatch(
    @RequestBody({ mediaTypes: ['application/json', 'text/csv'], limitBytes: LIMIT_BYTES.batch }, BatchPipe)
    entries: BatchEntry[],
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<readonly BatchItem[] | string> {
    const items = await this.predictions.scoreBatch(entries, readRequestContext(request));
    if (!wantsCsv(request)) return items;
    response.setHeader('Content-Type', 'text/csv; charset=utf-8');
    return formatBatchCsv(items);
  }
}

/** The first acceptable media type; without a preference the one that was sent. */
function wantsCsv(request: ServiceRequest): boolean {
  const sentCsv = request.headers['content-type']?.toLowerCase().startsWith('text/csv') === true;
  const offered = sentCsv ? ['text/csv', 'application/json'] : ['application/json', 'text/csv'];
  return request.accepts(offered) === 'text/csv';
}
