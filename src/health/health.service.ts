import { Inject, Injectable } from '@nestjs/common';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../logging/prediction-log';
import { ActiveModels } from '../model/active-models';
import { type ModelIdentity } from '../model/model-registry';
import { HealthParts, type PartState } from '../common/health-parts';
import { ReadinessConditions } from '../common/readiness-conditions';
import { SERVICE_VERSION } from '../common/service-version';
import { Readiness } from './readiness';

/** What `GET /health` answers. */
export interface Health {
  /** `ok`: does the work of its roles. `unavailable`: does not, see `reason`. */
  readonly status: 'ok' | 'unavailable';
  readonly modelLoaded: boolean;
  /** Of the service. */
  readonly version: string;
  readonly model: ModelIdentity;
  readonly log: {
    readonly available: boolean;
    readonly waiting: number;
    readonly damagedLines: number;
  };
  /** Parts on other machines, by name; absent where there are none. */
  readonly parts?: Readonly<Record<string, PartState>>;
  readonly uptimeSeconds: number;
  /** What to do; absent while `ok`. */
  readonly reason?: string;
}

/** Knows whether the service can do its job now. */
@Injectable()
export class HealthService {
  constructor(
    private readonly models: ActiveModels,
    @Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader,
    private readonly readiness: Readiness,
    private readonly conditions: ReadinessConditions,
    private readonly parts: HealthParts,
  ) {}

  /** Looks at every part; a log whose last write failed is tried again. */
  async check(): Promise<Health> {
    const { available, waiting, damagedLines, reason } = await this.log.probe();
    const why = this.readiness.isStopping
      ? 'The service is stopping.'
      : (reason ?? this.conditions.findReason());
    const parts = this.parts.look();
    return {
      status: available && why === undefined ? 'ok' : 'unavailable',
      modelLoaded: true,
      version: SERVICE_VERSION,
      model: this.models.champion().identity,
      log: { available, waiting, damagedLines },
      ...(Object.keys(parts).length > 0 && { parts }),
      uptimeSeconds: Math.round(process.uptime()),
      ...(why !== undefined && { reason: why }),
    };
  }
}
