import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { MONITORING_ENGINE, type MonitoringEngine } from './monitoring-engine';

/** Several times within the usual interval between two scrapes. */
const EVERY_MS = 5000;

/** Tells Prometheus how far reading the log has come. */
@Injectable()
export class ReadingGauges {
  constructor(
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    private readonly metrics: ServiceMetrics,
  ) {}

  /** Leaves the gauges as they are while the engine cannot answer: that is logged where it happens. */
  @Interval(EVERY_MS)
  async update(): Promise<void> {
    const reading = await this.engine.state().catch(() => undefined);
    if (reading === undefined) return;
    this.metrics.setLogLag(reading.lagMs / 1000);
    this.metrics.setDamagedLines(reading.damagedLines);
  }
}
