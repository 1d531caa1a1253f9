import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { RequireScope } from '../auth/route-access.decorator';
import { ServiceMetrics } from './service-metrics';

/** For Prometheus: `deploy/prometheus` has its configuration and rules, `deploy/grafana` a dashboard. */
@ApiTags('operations')
@RequireScope('monitor')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: ServiceMetrics) {}

  @Get()
  @ApiOperation({ summary: 'Counters and gauges of this instance, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: "Prometheus' text format, version 0.0.4",
    schema: { type: 'string' },
  })
  async scrape(@Res() response: Response): Promise<void> {
    const text = await this.metrics.format();
    response.setHeader('Content-Type', this.metrics.contentType);
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.end(text);
  }
}
