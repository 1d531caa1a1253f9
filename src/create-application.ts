import { type INestApplication, type LoggerService, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { serveApiDescription } from './api-description/serve-api-description';
import { AppModule } from './app.module';
import { type Clock } from './common/clock';
import { LeanExpressAdapter } from './common/http/lean-express-adapter';
import { refuseOtherHosts } from './common/http/refuse-other-hosts';
import { type Configuration } from './config/configuration';
import { type OnFatalLogError } from './logging/fatal-log-error';

/**
 * Builds the whole application, ready to listen: the model has passed its gate and the log is open.
 *
 * @param clock milliseconds since the epoch; the demonstration tells the time of past days
 * @throws what a room throws that cannot start: a bundle that is refused, a log folder in use
 */
export async function createApplication(
  configuration: Configuration,
  logger: LoggerService,
  onFatalLogError: OnFatalLogError,
  clock: Clock = Date.now,
): Promise<INestApplication> {
  // Bodies are read by the handlers that want them, after their guards: see RequestBody.
  const options: NestApplicationOptions = { bodyParser: false, abortOnError: false, logger };
  const root = AppModule.forRoot(configuration, onFatalLogError, clock);
  const adapter = new LeanExpressAdapter(configuration.http);
  if (configuration.access.mode === 'off') adapter.addGate(refuseOtherHosts);
  const app = await NestFactory.create(root, adapter, options);
  if (configuration.roles.includes('api')) serveApiDescription(app, configuration.access);
  await app.init();
  return app;
}
