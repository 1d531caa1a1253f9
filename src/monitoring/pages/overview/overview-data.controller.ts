import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { QueryPipe } from '../../../common/http/query.pipe';
import { answerCsv } from '../answer-csv';
import { ApiData } from '../api-data.decorator';
import { type OverviewData } from './overview-data';
import { OverviewDataQuery } from './overview.query';
import { OverviewService } from './overview.service';
import { tabulateOverview } from './tabulate-overview';

/** The figures of `/monitoring`. */
@ApiTags('monitoring')
@Controller('monitoring/api')
export class OverviewDataController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @ApiData('Traffic, latency, decisions and the state of the service over a span of time', {
    period: 'The period asked for, or custom',
    span: 'The span shown, on whole steps',
    traffic:
      'Figures by step (`points`), over the span (`totals`), and of the probability; null while unknown',
    previous: 'Totals of the span as long right before; null when the log does not reach back that far',
    drift: 'The latest scheduled drift report in short; null before the first, and while it cannot be read',
    driftReadable: 'False while drift reports cannot be read',
    driftJob: 'When drift reports were made and are due',
    alerts: 'Open and acknowledged alerts',
    reading: 'How far reading the log has come',
    outages:
      'When this process could not use the prediction log, why, and how many of its answers left no record and are in no figure',
    vitals: 'CPU, memory and event-loop delay of this process by minute',
    thresholds: 'Error rate and latency above which alerts open',
  })
  async answer(
    @Query(new QueryPipe(OverviewDataQuery)) query: OverviewDataQuery,
  ): Promise<OverviewData | StreamableFile> {
    const data = await this.overview.collect(query);
    return query.format === 'csv' ? answerCsv(tabulateOverview(data, query.table ?? 'traffic')) : data;
  }
}
