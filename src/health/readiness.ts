import { type Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { closeAfterAnswers } from '../common/http/close-after-answers';

/** Whether this instance still takes work; goes false when it is asked to stop, and never back. */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(private readonly host: HttpAdapterHost) {}

  /**
   * Asks load balancers to send no more (`/health/ready` answers 503) and callers to move: everything is still
   * answered, and each connection ends with its answer.
   */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    closeAfterAnswers(this.host.httpAdapter.getHttpServer() as Server);
  }

  /** When nobody has called `stop` before. */
  beforeApplicationShutdown(): void {
    this.stop();
  }

  /** True from the first moment of stopping. */
  get isStopping(): boolean {
    return this.stopping;
  }
}
