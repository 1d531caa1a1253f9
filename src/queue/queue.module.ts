import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK } from '../common/clock';
import { HealthParts } from '../common/health-parts';
import { ReadinessConditions } from '../common/readiness-conditions';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { DATABASE } from '../database/database.module';
import { LoggingModule } from '../logging/logging.module';
import { PredictionModule } from '../prediction/prediction.module';
import { BrokerConnection, CONSUMING_CONNECTION, PUBLISHING_CONNECTION } from './broker/broker-connection';
import { BrokerNews } from './broker/broker-news';
import { ConfirmedPublisher } from './broker/confirmed-publisher';
import { DecisionEvents } from './events/decision-events';
import { EVENT_CURSOR } from './events/event-cursor';
import { FAILED_JOBS } from './jobs/failed-jobs';
import { JobOutcomes } from './jobs/job-outcomes';
import { CALLBACK_RULES, type CallbackRules } from './jobs/read-result-addresses';
import { openStores, type QueueStores } from './open-stores';

/** Injection token of the `QueueStores`. */
const QUEUE_STORES = Symbol('QueueStores');

function connectBroker({ queue }: Configuration, news: BrokerNews): BrokerConnection {
  switch (queue.kind) {
    case 'none':
      throw new Error('QUEUE must be rabbitmq for the rooms that work with the queue');
    case 'rabbitmq':
      return new BrokerConnection(queue.url, news);
  }
}

function readCallbackRules({ queue }: Configuration): CallbackRules {
  return queue.kind === 'none' ? { callbackSecret: undefined, allowPrivateCallbacks: false } : queue;
}

/**
 * What every process that decides does with RabbitMQ: decisions as events, over a connection that publishes. Workers
 * have one that consumes as well.
 */
@Module({
  imports: [PredictionModule, LoggingModule],
  providers: [
    BrokerNews,
    { provide: PUBLISHING_CONNECTION, inject: [CONFIGURATION, BrokerNews], useFactory: connectBroker },
    { provide: CONSUMING_CONNECTION, inject: [CONFIGURATION, BrokerNews], useFactory: connectBroker },
    {
      provide: ConfirmedPublisher,
      inject: [PUBLISHING_CONNECTION],
      useFactory: (connection: BrokerConnection) => new ConfirmedPublisher(connection),
    },
    { provide: CALLBACK_RULES, inject: [CONFIGURATION], useFactory: readCallbackRules },
    { provide: QUEUE_STORES, inject: [CONFIGURATION, DATABASE, CLOCK], useFactory: openStores },
    { provide: FAILED_JOBS, inject: [QUEUE_STORES], useFactory: (stores: QueueStores) => stores.failedJobs },
    {
      provide: EVENT_CURSOR,
      inject: [QUEUE_STORES],
      useFactory: (stores: QueueStores) => stores.eventCursor,
    },
    JobOutcomes,
    DecisionEvents,
  ],
  exports: [CONSUMING_CONNECTION, ConfirmedPublisher, CALLBACK_RULES, FAILED_JOBS, JobOutcomes],
})
export class QueueModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(PUBLISHING_CONNECTION) private readonly publishing: BrokerConnection,
    @Inject(CONSUMING_CONNECTION) private readonly consuming: BrokerConnection,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly parts: HealthParts,
    private readonly readiness: ReadinessConditions,
  ) {}

  /** When all that works over it is there. */
  onApplicationBootstrap(): void {
    const { publishing, consuming } = this;
    const { roles } = this.configuration;
    const connections = roles.includes('worker') ? [publishing, consuming] : [publishing];
    this.parts.add('queue', () => connections.every(({ isUsable }) => isUsable));
    // Whoever can also be asked directly is still of use without it.
    if (!roles.includes('api')) {
      this.readiness.add(() =>
        consuming.isUsable ? undefined : 'The queue is away: no jobs are decided. Check the broker.',
      );
    }
    for (const connection of connections) connection.open();
  }

  /** After the last answer. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.publishing.close(), this.consuming.close()]);
  }
}
