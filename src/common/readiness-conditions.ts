import { Injectable } from '@nestjs/common';

/**
 * Looks whether a room can do its work.
 *
 * @returns why it cannot yet, and what comes of it, as a sentence for operators; undefined when it can
 */
export type ReadinessCondition = () => string | undefined;

/**
 * What must hold before load balancers send requests. A room that goes on starting after the process listens adds a
 * condition when it is initialized; `/health/ready` answers 503 with its reason until it holds.
 */
@Injectable()
export class ReadinessConditions {
  private readonly conditions: ReadinessCondition[] = [];

  /** @param condition asked at each look at the health: it must cost nothing */
  add(condition: ReadinessCondition): void {
    this.conditions.push(condition);
  }

  /** Why the process is not ready, by the first condition that does not hold; undefined when all hold. */
  findReason(): string | undefined {
    for (const condition of this.conditions) {
      const reason = condition();
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}
