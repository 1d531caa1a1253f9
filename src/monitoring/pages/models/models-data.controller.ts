import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { QueryPipe } from '../../../common/http/query.pipe';
import { ActiveModels } from '../../../model/active-models';
import { answerCsv } from '../answer-csv';
import { ApiData } from '../api-data.decorator';
import { makeModelCard, type ModelCard } from './model-card';
import { ModelsDataQuery } from './models.query';
import { tabulateModel } from './tabulate-model';

/** The figures of `/monitoring/models`. */
@ApiTags('monitoring')
@Controller('monitoring/api/models')
export class ModelsDataController {
  constructor(private readonly models: ActiveModels) {}

  @Get()
  @ApiData('The card of the model that decides', {
    model: 'Name, version and SHA-256',
    createdAt: 'When the bundle was made, UTC',
    training: 'Library, estimator, parameters, data set, split and metrics, as the bundle tells them',
    trees: 'Trees of the forest',
    parityRows: 'Rows on which it was found equal to scikit-learn, bit for bit, when it was loaded',
    inputs: 'What an application carries',
    protectedInputs: 'Recorded for fairness, never scored',
    features: 'Columns of the forest with their transform and importance',
    policy: 'Costs, bands and points',
    decisionRates: 'Shares and default rates of the bands by labelled sample',
    expectedCosts: 'Expected cost of each decision by probability of default',
  })
  answer(@Query(new QueryPipe(ModelsDataQuery)) query: ModelsDataQuery): ModelCard | StreamableFile {
    const card = makeModelCard(this.models.champion());
    return query.format === 'csv' ? answerCsv(tabulateModel(card, query.table ?? 'features')) : card;
  }
}
