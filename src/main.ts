import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import { ApplicationLogger } from './common/application-logger';
import { type Configuration, type Role } from './config/configuration';
import { parseConfiguration } from './config/parse-configuration';
import { createApplication } from './create-application';
import { Readiness } from './health/readiness';
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
  // Not Nest's own hooks: they end with the signal again, where a supervisor expects 0 after a clean stop.
  const hurry = new AbortController();
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) {
        hurry.abort();
        return;
      }
      stopping = true;
      logger.log({ msg: 'stopping', signal, shutdownDelayMs: configuration.http.shutdownDelayMs });
      void stop(app, logger, configuration.http.shutdownDelayMs, hurry.signal);
    });
  }
  await listen(app, configuration.http);

  const { address, family, port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const { identity, parityRows } = app.get(ActiveModels, { strict: false }).champion();
  logger.log({
    msg: `ready: ${url}${chooseEntrance(configuration.roles)}`,
    roles: configuration.roles,
    model: identity,
    parityRows,
    storage: configuration.storage.kind,
    ...(configuration.storage.kind === 'file' && { log: configuration.log }),
    cache: configuration.cache.kind,
    queue: configuration.queue.kind,
    startMs: Math.round(performance.now()),
  });
}

/** Where somebody begins who wants to see what this process does. */
function chooseEntrance(roles: readonly Role[]): string {
  if (roles.includes('api')) return '/docs';
  return roles.includes('monitoring') ? '/monitoring' : '/health';
}

async function listen(app: INestApplication, { port, host }: Configuration['http']): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    switch (code) {
      case 'EADDRINUSE':
        throw new Error('PORT: another program listens there already. Stop it, or set PORT to a free one.', {
          cause: error,
        });
      case 'EACCES':
        throw new Error('PORT: the system keeps it for privileged users. Set PORT to one above 1023.', {
          cause: error,
        });
      default:
        throw new Error(
          `HOST: cannot be listened on (${code ?? 'unknown error'}). Set it to an address of this machine.`,
          { cause: error },
        );
    }
  }
}

/**
 * Tells load balancers, and gives them time to notice while everything is answered; then takes no new work, answers
 * what it has, writes what waits, and ends with 0.
 *
 * @param delayMs how long load balancers need
 * @param hurry aborted: somebody asked again, and will not wait
 */
async function stop(
  app: INestApplication,
  logger: ApplicationLogger,
  delayMs: number,
  hurry: AbortSignal,
): Promise<void> {
  try {
    app.get(Readiness, { strict: false }).stop();
    await delay(delayMs, undefined, { signal: hurry }).catch(() => undefined);
    await app.close();
    logger.log({ msg: 'stopped' });
    process.exit(0);
  } catch (error) {
    logger.fatal({ err: error, msg: 'the service did not stop cleanly' });
    process.exit(1);
  }
}

start().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The service did not start. ${message}\n`);
  process.exit(1);
});
