import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../../../common/http/api-problem.decorator';
import { ProblemException } from '../../../common/http/problem';
import { QueryPipe } from '../../../common/http/query.pipe';
import { ActiveModels } from '../../../model/active-models';
import { answerCsv } from '../answer-csv';
import { ApiData } from '../api-data.decorator';
import { Assets } from '../assets';
import { PageRenderer } from '../page-renderer';
import { PageReader, type Reader } from '../reader';
import { describeDriftExport } from './describe-drift-export';
import { type DriftData, type DriftInputData } from './drift-data';
import { DriftPagesService } from './drift-pages.service';
import { DRIFT_INPUT_TABLES, DRIFT_TABLES, DriftDataQuery, DriftInputDataQuery } from './drift.query';
import { tabulateDrift } from './tabulate-drift';
import { tabulateDriftInput } from './tabulate-drift-input';

/** The figures of `/monitoring/drift`, and a report as one file. */
@ApiTags('monitoring')
@Controller('monitoring/api/drift')
export class DriftDataController {
  constructor(
    private readonly drift: DriftPagesService,
    private readonly models: ActiveModels,
    private readonly renderer: PageRenderer,
    private readonly assets: Assets,
  ) {}

  @Get()
  @ApiData('A drift report, the history of runs, and the schedule', {
    nowMs: 'Time of this answer, milliseconds since the epoch',
    report: 'The report asked for, otherwise the latest of the schedule, whole; null before the first',
    latestId: 'Id of the latest report of the schedule; null before the first',
    runs: 'The last runs, newest first, at most 30: verdict and PSI by input',
    job: 'When reports were made and are due',
    model: 'The model that decides now',
  })
  @ApiProblem(404)
  async answer(
    @Query(new QueryPipe(DriftDataQuery)) query: DriftDataQuery,
    @PageReader() reader: Reader,
  ): Promise<DriftData | StreamableFile> {
    const data = await this.drift.collect(query.report);
    if (query.format === 'csv') return answerCsv(tabulateDrift(data, query.table ?? DRIFT_TABLES[0]));
    return query.format === 'html' ? this.export(data, reader) : data;
  }

  @Get(':input')
  @ApiData('What a drift report found of one input, a protected attribute or the probability', {
    name: 'Name of the input',
    definition: 'The input as the bundle defines it; null for the probability',
    protected: 'Whether it is a protected attribute, which is never scored',
    report: 'What the report is about; null before the first',
    latestId: 'Id of the latest report of the schedule; null before the first',
    subject: 'Statistics and bins; null before the first report',
    history: 'What the last runs on the same model found, oldest first, at most 30',
  })
  @ApiProblem(404)
  async answerInput(
    @Param('input') name: string,
    @Query(new QueryPipe(DriftInputDataQuery)) query: DriftInputDataQuery,
  ): Promise<DriftInputData | StreamableFile> {
    const data = await this.drift.collectInput(name, query.report);
    if (query.format !== 'csv') return data;
    return answerCsv(tabulateDriftInput(data, query.table ?? DRIFT_INPUT_TABLES[0]));
  }

  private export(data: DriftData, reader: Reader): StreamableFile {
    const { report } = data;
    if (report === null) throw new ProblemException('not-found', 'There is no drift report yet.');
    const content = {
      ...describeDriftExport(data, report, this.models.champion().bundle, reader),
      styles: this.assets.find('page.css')?.content.toString('utf8') ?? '',
    };
    const html = this.renderer.renderAlone('drift-export', content, reader);
    return new StreamableFile(Buffer.from(html), {
      type: 'text/html; charset=utf-8',
      // The id is made of digits, letters, dots and hyphens.
      disposition: `attachment; filename="drift-${report.id}.html"`,
    });
  }
}
