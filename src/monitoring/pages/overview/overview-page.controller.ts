import { Get, Inject, Query, Req } from '@nestjs/common';
import { type Request } from 'express';
import { QueryPipe } from '../../../common/http/query.pipe';
import { CONFIGURATION, type Configuration } from '../../../config/configuration';
import { ActiveModels } from '../../../model/active-models';
import { type Page } from '../page';
import { PageController } from '../page-controller.decorator';
import { PageReader, type Reader } from '../reader';
import { describeOverview } from './describe-overview';
import { OverviewPageQuery } from './overview.query';
import { OverviewService } from './overview.service';

/** `/monitoring`: is all well, what changed, what is to be done? */
@PageController('monitoring')
export class OverviewPageController {
  constructor(
    private readonly overview: OverviewService,
    private readonly models: ActiveModels,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  async show(
    @Query(new QueryPipe(OverviewPageQuery)) query: OverviewPageQuery,
    @PageReader() reader: Reader,
    @Req() request: Request,
  ): Promise<Page> {
    const data = await this.overview.collect(query);
    const { bundle } = this.models.champion();
    return {
      view: 'overview',
      title: reader.texts.overview.title,
      section: 'overview',
      content: describeOverview(data, bundle, reader, request.originalUrl, this.configuration),
      refreshable: true,
    };
  }
}
