import { mkdtemp, rm } from 'node:fs/promises';
import { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import request from 'supertest';
import { ApplicationLogger } from '../../src/common/application-logger';
import { ReadinessConditions } from '../../src/common/readiness-conditions';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { createApplication } from '../../src/create-application';
import { ActiveModels, type LoadedModel } from '../../src/model/active-models';

/** The whole application as `npm start` builds it, on a log of its own and a port the system chose. */
export class Service {
  private constructor(
    readonly app: INestApplication,
    readonly dataFolder: string,
    readonly fatalErrors: readonly Error[],
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
    const dataFolder = settings['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'credit-scoring-')));
    const fatalErrors: Error[] = [];
    const configuration = parseConfiguration({ PORT: '0', ...settings, DATA_DIR: dataFolder });
    const app = await createApplication(configuration, new ApplicationLogger('silent'), (error) => {
      fatalErrors.push(error);
    });
    await app.listen(0, '127.0.0.1');
    await untilReady(app.get(ReadinessConditions, { strict: false }));
    return new Service(app, dataFolder, fatalErrors);
  }

  get server(): Server {
    return this.app.getHttpServer() as Server;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string')
      throw new Error('The service does not listen on a port');
    return `http://127.0.0.1:${address.port}`;
  }

  get model(): LoadedModel {
    return this.app.get(ActiveModels, { strict: false }).champion();
  }

  /** A body that is accepted: the examples of the manifest. */
  exampleBody(): Record<string, unknown> {
    return Object.fromEntries(this.model.bundle.inputs.map((input) => [input.name, input.example]));
  }

  post(path: string, body: unknown): request.Test {
    return request(this.server)
      .post(path)
      .send(body as object);
  }

  get(path: string): request.Test {
    return request(this.server).get(path);
  }

  /** Stops, and leaves the folder for another start. */
  async stop(): Promise<void> {
    await this.app.close();
  }

  /** Stops, and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

/** Waits as load balancers do, 2 s at most: some tests are about services that do not become ready. */
async function untilReady(conditions: ReadinessConditions): Promise<void> {
  for (let looks = 0; conditions.findReason() !== undefined && looks < 400; looks++) await delay(5);
}
