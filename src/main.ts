import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { ApplicationLogger } from './common/application-logger';
import { parseConfiguration } from './config/parse-configuration';
import { createApplication } from './create-application';
import { ActiveModels } from './model/active-models';

/** Long enough for the refusals in flight to be answered, short enough for a prompt restart. */
const FATAL_EXIT_DELAY_MS = 500;

async function start(): Promise<void> {
  const configuration = parseConfiguration(process.env);
  const logger = new ApplicationLogger(configuration.logLevel);
  const app = await createApplication(configuration, logger, (error) => {
    logger.fatal({ err: error, msg: 'the prediction log failed for good: this process ends' });
    process.exitCode = 1;
    setTimeout(() => process.exit(1), FATAL_EXIT_DELAY_MS);
  });
  app.enableShutdownHooks();
  await app.listen(configuration.http.port, configuration.http.host);

  const { address, family, port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const { identity, parityRows } = app.get(ActiveModels, { strict: false }).champion();
  logger.log({
    msg: `ready: ${url}/docs`,
    model: identity,
    parityRows,
    log: configuration.log,
    startMs: Math.round(performance.now()),
  });
}

start().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The service did not start. ${message}\n`);
  process.exit(1);
});
