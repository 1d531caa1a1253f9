import { type Server } from 'node:http';
import { Global, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { watchRequests } from '../common/http/watch-requests';
import { MetricsController } from './metrics.controller';
import { ServiceMetrics } from './service-metrics';

/** Counts what happens, for Prometheus; any room may add to `ServiceMetrics`. */
@Global()
@Module({ controllers: [MetricsController], providers: [ServiceMetrics], exports: [ServiceMetrics] })
export class MetricsModule implements OnModuleInit, OnApplicationShutdown {
  private endWatch: () => void = () => undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: ServiceMetrics,
  ) {}

  onModuleInit(): void {
    this.endWatch = watchRequests(this.host.httpAdapter.getHttpServer() as Server, (request) => {
      this.metrics.observeRequest(request);
    });
  }

  /** After the last answer. */
  onApplicationShutdown(): void {
    this.endWatch();
  }
}
