import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { QueryPipe } from '../../../common/http/query.pipe';
import { answerCsv } from '../answer-csv';
import { ApiData } from '../api-data.decorator';
import { DataQuery } from '../data.query';
import { type AlertsData } from './alerts-data';
import { AlertsPagesService } from './alerts-pages.service';
import { tabulateAlerts } from './tabulate-alerts';

/** The figures of `/monitoring/alerts`. */
@ApiTags('monitoring')
@Controller('monitoring/api/alerts')
export class AlertsDataController {
  constructor(private readonly alerts: AlertsPagesService) {}

  @Get()
  @ApiData('Open, acknowledged and closed alerts', {
    nowMs: 'Time of this answer, milliseconds since the epoch',
    alerts: 'Open ones first, then acknowledged, then closed; newest first within each',
    rules: 'From where on something opens an alert',
  })
  async answer(@Query(new QueryPipe(DataQuery)) { format }: DataQuery): Promise<AlertsData | StreamableFile> {
    const data = await this.alerts.collect();
    return format === 'csv' ? answerCsv(tabulateAlerts(data)) : data;
  }
}
