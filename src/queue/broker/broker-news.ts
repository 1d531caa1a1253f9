import { Logger } from '@nestjs/common';
import { errorCode } from '../../common/error-code';
import { BrokerUnavailableError } from './broker-unavailable-error';

/** Tells operators how the broker is, once for all connections to it: they are lost and come back together. */
export class BrokerNews {
  private readonly logger = new Logger(BrokerNews.name);
  private readonly away = new Set<object>();
  private readonly blocked = new Set<object>();

  /** @param reason what the broker said, or what prevented a connection */
  tellAway(connection: object, reason: unknown): void {
    this.blocked.delete(connection);
    if (this.away.size === 0) {
      this.logger.error({
        msg: 'the queue is away: applications cannot be queued, or are not taken from it. Check RABBITMQ_URL and the broker',
        reason: describeReason(reason),
      });
    }
    this.away.add(connection);
  }

  /** Silent unless it was told that the broker is away. */
  tellBack(connection: object): void {
    if (this.away.delete(connection) && this.away.size === 0) this.logger.log('the queue is back');
  }

  /** @param reason what the broker is short of, in its own words */
  tellBlocked(connection: object, reason: string): void {
    if (this.blocked.size === 0) {
      this.logger.error({
        msg: 'the queue takes nothing that is published: RabbitMQ is short of memory or disk. Make room; what waits is decided meanwhile, and told later',
        reason,
      });
    }
    this.blocked.add(connection);
  }

  /** Silent unless it was told that the broker takes nothing. */
  tellUnblocked(connection: object): void {
    if (this.blocked.delete(connection) && this.blocked.size === 0) {
      this.logger.log('the queue takes what is published again');
    }
  }
}

/** What the broker said, such as ACCESS_REFUSED; of others the code only, as their words may name the address. */
function describeReason(error: unknown): string {
  if (error === undefined) return 'the connection was lost';
  if (error instanceof BrokerUnavailableError) return error.message;
  const isTheBrokers = error instanceof Error && 'code' in error && typeof error.code === 'number';
  return isTheBrokers ? error.message : errorCode(error);
}
