import { Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type Response } from 'express';
import { QueryPipe } from '../../../common/http/query.pipe';
import { readViewer } from '../../../common/http/request-context';
import { ServiceRequest } from '../../../common/http/service-request';
import { CONFIGURATION, type Configuration } from '../../../config/configuration';
import { ActiveModels } from '../../../model/active-models';
import { type Page } from '../page';
import { PageController } from '../page-controller.decorator';
import { PageQuery } from '../page.query';
import { PageReader, type Reader } from '../reader';
import { describePrediction } from './describe-prediction';
import { describePredictions } from './describe-predictions';
import { type PredictionData, type ReplayOutcome } from './predictions-data';
import { PredictionsPagesService } from './predictions-pages.service';
import { PredictionsPageQuery } from './predictions.query';

/** `/monitoring/predictions`: recent decisions, and one record in full. */
@PageController('monitoring/predictions')
export class PredictionsPageController {
  constructor(
    private readonly predictions: PredictionsPagesService,
    private readonly models: ActiveModels,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  async show(
    @Query(new QueryPipe(PredictionsPageQuery)) query: PredictionsPageQuery,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
  ): Promise<Page> {
    const data = await this.predictions.list(query, readViewer(request));
    const { bundle } = this.models.champion();
    return {
      view: 'predictions',
      title: reader.texts.predictions.title,
      section: 'predictions',
      content: describePredictions(data, query, bundle, reader, request.originalUrl, this.configuration),
      refreshable: query.cursor === undefined,
    };
  }

  @Get(':id')
  async showOne(
    @Param('id') id: string,
    @Query(new QueryPipe(PageQuery)) _query: PageQuery,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
  ): Promise<Page> {
    return describePage(await this.predictions.find(id, readViewer(request)), null, reader);
  }

  /** Changes nothing; a POST all the same, so that no link, crawler or prefetch sets the model to work. */
  @Post(':id/replay')
  @HttpCode(200)
  async replay(
    @Param('id') id: string,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page> {
    const viewer = readViewer(request);
    const outcome = await this.predictions.replay(id, viewer);
    if (outcome === 'model-unavailable') response.statusCode = 409;
    return describePage(await this.predictions.find(id, viewer), outcome, reader);
  }
}

function describePage(data: PredictionData, outcome: ReplayOutcome | null, reader: Reader): Page {
  const words = reader.texts.predictions;
  return {
    view: 'prediction',
    title: 'decision' in data.record ? words.one : words.oneRefused,
    section: 'predictions',
    content: describePrediction(data, outcome, reader),
    refreshable: false,
    address: `/monitoring/predictions/${data.record.id}`,
  };
}
