import { Get, Query, Req } from '@nestjs/common';
import { type Request } from 'express';
import { QueryPipe } from '../../../common/http/query.pipe';
import { ActiveModels } from '../../../model/active-models';
import { type Page } from '../page';
import { PageController } from '../page-controller.decorator';
import { PageQuery } from '../page.query';
import { PageReader, type Reader } from '../reader';
import { describeModel } from './describe-model';
import { makeModelCard } from './model-card';

/** `/monitoring/models`: the card of the model that decides. */
@PageController('monitoring/models')
export class ModelsPageController {
  constructor(private readonly models: ActiveModels) {}

  @Get()
  show(
    @Query(new QueryPipe(PageQuery)) _query: PageQuery,
    @PageReader() reader: Reader,
    @Req() request: Request,
  ): Page {
    const card = makeModelCard(this.models.champion());
    return {
      view: 'models',
      title: reader.texts.models.title,
      section: 'models',
      content: describeModel(card, reader, request.originalUrl),
      refreshable: false,
    };
  }
}
