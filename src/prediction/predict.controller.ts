import { Controller, Header, HttpCode, Post, Req, Res, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type Response } from 'express';
import { RequireScope } from '../auth/route-access.decorator';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { type BodyRules } from '../common/http/read-body';
import { readRequestContext } from '../common/http/request-context';
import { RequestBody } from '../common/http/request-body.decorator';
import { ServiceRequest } from '../common/http/service-request';
import { RateLimits } from '../rate-limit/rate-limits';
import { type Application } from '../scoring/application/application';
import { ApplicationPipe } from './application.pipe';
import { BATCH_BODY, BatchTurnInterceptor } from './batch-turn.interceptor';
import { BatchPipe, LARGEST_BATCH } from './batch.pipe';
import { formatBatchCsv } from './format-batch-csv';
import { IdempotentPredictions } from './idempotency/idempotent-predictions';
import {
  IDEMPOTENCY_KEY_PATTERN,
  readIdempotencyKey,
  refuseIdempotencyKey,
} from './idempotency/read-idempotency-key';
import { type BatchItem, type Prediction } from './prediction';
import { PredictionService } from './prediction.service';
import { RecordRefusalsFilter } from './record-refusals.filter';
import { type BatchEntry } from './score-batch';

/** How one application is sent, to be decided now or later. */
export const APPLICATION_BODY: BodyRules = {
  mediaTypes: ['application/json'],
  // Twenty times the largest application there is: nothing honest comes near it.
  limitBytes: 64 * 1024,
};

/** Scores applications. */
@ApiTags('predictions')
@RequireScope('predict')
@Controller('predict')
@UseFilters(RecordRefusalsFilter)
export class PredictController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly idempotent: IdempotentPredictions,
    private readonly limits: RateLimits,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Decide on one application',
    description:
      'Answers with the probability of default, the score and the decision, after the record of it is kept. Low probability is good.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Chosen by the caller, such as a UUID. Sent again with the same application within 24 hours, the request gets the same answer and no second decision is made.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source },
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/Application' } })
  @ApiResponse({
    status: 200,
    description: 'The decision',
    schema: { $ref: '#/components/schemas/Prediction' },
    headers: {
      'Idempotent-Replayed': {
        description: 'Present when the decision was made for an earlier request with the same key',
        schema: { type: 'string', enum: ['true'] },
      },
    },
  })
  @ApiProblem(400)
  @ApiProblem(409, 'The first request with this idempotency key is still in flight: send it again')
  @ApiProblem(413)
  @ApiProblem(415)
  @ApiProblem(422)
  @ApiProblem(503)
  predict(
    @RequestBody(APPLICATION_BODY, ApplicationPipe) application: Application,
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Prediction> {
    const key = readIdempotencyKey(request);
    if (key === undefined) return this.predictions.score(application, readRequestContext(request));
    return this.predictOnce(application, request, key, response);
  }

  private async predictOnce(
    application: Application,
    request: ServiceRequest,
    key: string,
    response: Response,
  ): Promise<Prediction> {
    const { prediction, replayed } = await this.idempotent.score(
      application,
      readRequestContext(request),
      key,
    );
    if (replayed) response.setHeader('Idempotent-Replayed', 'true');
    return prediction;
  }

  @Post('batch')
  @UseInterceptors(BatchTurnInterceptor)
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
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: LARGEST_BATCH,
      items: { $ref: '#/components/schemas/Application' },
    },
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
    @RequestBody(BATCH_BODY, BatchPipe) entries: BatchEntry[],
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<readonly BatchItem[] | string> {
    refuseIdempotencyKey(request);
    await this.limits.admitRows(request, response, entries.length);
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
