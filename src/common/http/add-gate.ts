import { type HttpAdapterHost } from '@nestjs/core';
import { LeanExpressAdapter } from './lean-express-adapter';
import { type RequestGate } from './request-gate';

/**
 * Adds a gate behind those there are, before all routes and guards.
 *
 * @throws {Error} the application was created with another adapter
 */
export function addGate({ httpAdapter }: HttpAdapterHost, gate: RequestGate): void {
  if (!(httpAdapter instanceof LeanExpressAdapter)) {
    throw new Error('Gates need the LeanExpressAdapter: create the application with it');
  }
  httpAdapter.addGate(gate);
}
