import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { RequireScope } from '../../auth/route-access.decorator';
import { ApiProblem } from '../../common/http/api-problem.decorator';
import { readRequestContext } from '../../common/http/request-context';
import { RequestBody } from '../../common/http/request-body.decorator';
import { ServiceRequest } from '../../common/http/service-request';
import { ApplicationPipe } from '../../prediction/application.pipe';
import {
  IDEMPOTENCY_KEY_PATTERN,
  readIdempotencyKey,
} from '../../prediction/idempotency/read-idempotency-key';
import { APPLICATION_BODY } from '../../prediction/predict.controller';
import { RecordRefusalsFilter } from '../../prediction/record-refusals.filter';
import { type Application } from '../../scoring/application/application';
import { AsyncPredictions } from './async-predictions';
import { type JobState } from './job';
import { JOB_ID_PATTERN } from './job-id';
import {
  CALLBACK_HEADER,
  CALLBACK_RULES,
  type CallbackRules,
  readResultAddresses,
  REPLY_HEADER,
} from './read-result-addresses';

/** What `POST /predict/async` answers. */
export interface QueuedJob {
  readonly jobId: string;
  readonly status: 'queued';
  /** Where to ask for the outcome. */
  readonly location: string;
}

/** Takes applications that are decided later, by a worker. */
@ApiTags('predictions')
@RequireScope('predict')
@Controller('predict/async')
export class AsyncPredictController {
  constructor(
    private readonly predictions: AsyncPredictions,
    @Inject(CALLBACK_RULES) private readonly callbacks: CallbackRules,
  ) {}

  @Post()
  @HttpCode(202)
  @UseFilters(RecordRefusalsFilter)
  @ApiOperation({
    summary: 'Queue one application',
    description:
      'Checks it as POST /predict does, and answers after the queue has it on disk. A worker decides once, whatever fails in between.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Chosen by the caller. Sent again with the same application within 24 hours, no second decision is made: each answer has a jobId of its own, and all lead to the one decision.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source },
  })
  @ApiHeader({
    name: CALLBACK_HEADER,
    required: false,
    description:
      'Address that the outcome is sent to by POST, signed as alerts are (X-Signature-256). It may come more than once.',
    schema: { type: 'string', format: 'uri', maxLength: 2048 },
  })
  @ApiHeader({
    name: REPLY_HEADER,
    required: false,
    description:
      'Queue that the outcome is published to, with the job id as correlation id: replies/, the tenant and / where access control is on, and a name of your choice. You declare it. It may come more than once.',
    schema: { type: 'string' },
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/Application' } })
  @ApiResponse({
    status: 202,
    description: 'Queued',
    schema: { $ref: '#/components/schemas/QueuedJob' },
    headers: { Location: { description: 'Where to ask for the outcome', schema: { type: 'string' } } },
  })
  @ApiProblem(400)
  @ApiProblem(413)
  @ApiProblem(415)
  @ApiProblem(503, 'The queue is away or too slow; try again')
  async queue(
    @RequestBody(APPLICATION_BODY, ApplicationPipe) application: Application,
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<QueuedJob> {
    const context = readRequestContext(request);
    const key = readIdempotencyKey(request);
    const addresses = readResultAddresses(request, context, this.callbacks);
    const jobId = await this.predictions.queue(application, context, addresses, key);
    const location = `/predict/async/${jobId}`;
    response.setHeader('Location', location);
    return { jobId, status: 'queued', location };
  }

  @Get(':jobId')
  @ApiOperation({
    summary: 'What became of a queued application',
    description: 'For 24 hours after its decision, and only to the caller that queued it.',
  })
  @ApiParam({
    name: 'jobId',
    description: 'The `jobId` that POST /predict/async answered.',
    schema: { type: 'string', pattern: JOB_ID_PATTERN.source },
  })
  @ApiResponse({ status: 200, description: 'Its state', schema: { $ref: '#/components/schemas/Job' } })
  @ApiProblem(404, 'No job of yours has this id, or it is too old')
  @ApiProblem(503, 'The outcome cannot be known now; try again')
  find(@Param('jobId') jobId: string, @Req() request: ServiceRequest): Promise<JobState> {
    return this.predictions.find(jobId, readRequestContext(request));
  }
}
