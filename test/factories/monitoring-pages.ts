import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { type DynamicModule, type INestApplication, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ACCESS_CONTROL } from '../../src/auth/access-control';
import { ApplicationLogger } from '../../src/common/application-logger';
import { AUDIT, type Audit } from '../../src/common/audit';
import { CLOCK, type Clock } from '../../src/common/clock';
import { LeanExpressAdapter } from '../../src/common/http/lean-express-adapter';
import { CONFIGURATION } from '../../src/config/configuration';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { LogWatch } from '../../src/logging/log-watch';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../src/logging/prediction-log';
import { RecordsService } from '../../src/logging/records.service';
import { ActiveModels } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { type Alert } from '../../src/monitoring/alerts/alert';
import { Alerts } from '../../src/monitoring/alerts/alerts';
import { DriftJob, type DriftJobStatus } from '../../src/monitoring/drift/drift-job';
import { type DriftReport } from '../../src/monitoring/drift/drift-report';
import { DriftReports } from '../../src/monitoring/drift/drift-reports';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { PAGE_CONTROLLERS, PAGE_PROVIDERS } from '../../src/monitoring/pages/page-parts';
import { Vitals, type VitalsPoint } from '../../src/monitoring/vitals/vitals';
import { ReplayService } from '../../src/replay/replay.service';
import { runOf, someReport } from './drift-report';
import { NOW_MS, someAlert, someJobStatus, someVitals } from './monitoring';
import { fakeEngine } from './monitoring-engine';

/** Nobody looks at the audit trail of pages with made-up figures. */
const SILENT_AUDIT: Audit = { note: () => undefined, confirm: () => Promise.resolve() };

/** A log before the first request. */
const EMPTY_LOG: PredictionLogReader = {
  read: () => Promise.resolve({ records: [], more: false, damagedLines: 0 }),
  find: () => Promise.resolve(undefined),
  probe: () => Promise.resolve({ available: true, waiting: 0, damagedLines: 0 }),
  close: () => Promise.resolve(),
};

/** What stands in for the rooms behind the pages; what is not given is made up as above. */
export interface PageFakes {
  readonly engine?: MonitoringEngine;
  /** Newest first; the first is the latest. */
  readonly reports?: readonly DriftReport[];
  readonly alerts?: readonly Alert[];
  readonly job?: DriftJobStatus;
  readonly vitals?: readonly VitalsPoint[];
  /** `MODELS_DIR`. */
  readonly models?: string;
  readonly clock?: Clock;
  /** Settings beyond the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whatever else the pages under test inject. */
  readonly providers?: readonly Provider[];
  /** What was decided; an empty log when absent. */
  readonly log?: PredictionLogReader;
}

@Module({})
class PagesUnderTest {
  static with(providers: Provider[]): DynamicModule {
    return { module: PagesUnderTest, controllers: [...PAGE_CONTROLLERS], providers };
  }
}

/** All pages on made-up figures, listening on a port that the system chose. */
export class Pages {
  private constructor(readonly app: INestApplication) {}

  static async start(fakes: PageFakes = {}): Promise<Pages> {
    const configuration = parseConfiguration({ ...fakes.settings });
    const models = await ActiveModels.load(new FolderModelRegistry(fakes.models ?? 'models'), undefined);
    const reports = fakes.reports ?? [someReport()];
    const alerts = fakes.alerts ?? [someAlert()];
    const driftReports: Pick<DriftReports, 'list' | 'latest' | 'find'> = {
      list: (limit) => Promise.resolve(reports.slice(0, limit).map(runOf)),
      latest: () => Promise.resolve(reports.find((report) => report.trigger !== 'manual')),
      find: (id) => Promise.resolve(reports.find((report) => report.id === id)),
    };
    const fakeAlerts: Pick<Alerts, 'list' | 'refresh'> = {
      list: () => alerts,
      refresh: () => Promise.resolve(),
    };
    const job: Pick<DriftJob, 'status'> = { status: () => fakes.job ?? someJobStatus() };
    const vitals: Pick<Vitals, 'recent'> = { recent: () => fakes.vitals ?? someVitals() };
    const app = await NestFactory.create(
      PagesUnderTest.with([
        { provide: CONFIGURATION, useValue: configuration },
        { provide: ACCESS_CONTROL, useValue: { mode: 'off' } },
        { provide: AUDIT, useValue: SILENT_AUDIT },
        { provide: CLOCK, useValue: fakes.clock ?? ((): number => NOW_MS) },
        { provide: ActiveModels, useValue: models },
        { provide: MONITORING_ENGINE, useValue: fakes.engine ?? fakeEngine() },
        { provide: DriftReports, useValue: driftReports },
        { provide: Alerts, useValue: fakeAlerts },
        { provide: DriftJob, useValue: job },
        { provide: Vitals, useValue: vitals },
        { provide: PREDICTION_LOG_READER, useValue: fakes.log ?? EMPTY_LOG },
        { provide: LogWatch, useValue: new LogWatch(fakes.log ?? EMPTY_LOG, fakes.clock ?? Date.now) },
        RecordsService,
        ReplayService,
        ...PAGE_PROVIDERS,
        ...(fakes.providers ?? []),
      ]),
      new LeanExpressAdapter(),
      { bodyParser: false, abortOnError: false, logger: new ApplicationLogger('silent') },
    );
    await app.listen(0, '127.0.0.1');
    return new Pages(app);
  }

  get server(): Server {
    return this.app.getHttpServer() as Server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
