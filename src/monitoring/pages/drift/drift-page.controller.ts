import { Get, Param, Query, Req } from '@nestjs/common';
import { type Request } from 'express';
import { QueryPipe } from '../../../common/http/query.pipe';
import { ActiveModels } from '../../../model/active-models';
import { labelInput } from '../label-input';
import { type Page } from '../page';
import { PageController } from '../page-controller.decorator';
import { PageReader, type Reader } from '../reader';
import { describeDrift } from './describe-drift';
import { describeDriftInput } from './describe-drift-input';
import { DriftPagesService } from './drift-pages.service';
import { DriftPageQuery } from './drift.query';

/** `/monitoring/drift`: which inputs no longer look like the training data, and one of them in full. */
@PageController('monitoring/drift')
export class DriftPageController {
  constructor(
    private readonly drift: DriftPagesService,
    private readonly models: ActiveModels,
  ) {}

  @Get()
  async show(
    @Query(new QueryPipe(DriftPageQuery)) { report }: DriftPageQuery,
    @PageReader() reader: Reader,
    @Req() request: Request,
  ): Promise<Page> {
    const data = await this.drift.collect(report);
    return {
      view: 'drift',
      title: reader.texts.drift.title,
      section: 'drift',
      content: describeDrift(data, this.models.champion().bundle, reader, request.originalUrl),
      refreshable: report === undefined,
    };
  }

  @Get(':input')
  async showInput(
    @Param('input') name: string,
    @Query(new QueryPipe(DriftPageQuery)) { report }: DriftPageQuery,
    @PageReader() reader: Reader,
    @Req() request: Request,
  ): Promise<Page> {
    const data = await this.drift.collectInput(name, report);
    const { bundle } = this.models.champion();
    return {
      view: 'drift-input',
      title: reader.texts.drift.inputTitle(labelInput(name, bundle, reader)),
      section: 'drift',
      content: describeDriftInput(data, bundle, reader, request.originalUrl),
      refreshable: report === undefined,
    };
  }
}
