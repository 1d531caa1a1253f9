import { Injectable } from '@nestjs/common';

/** Whether a part can be used now. */
export type PartState = 'ok' | 'away';

/**
 * Parts on other machines that the service can do without for a while, such as the queue: `/health` tells their
 * state, and stays ready. A room adds its part when it is initialized.
 */
@Injectable()
export class HealthParts {
  private readonly parts = new Map<string, () => boolean>();

  /** @param isUsable asked at each look at the health: it must cost nothing */
  add(name: string, isUsable: () => boolean): void {
    this.parts.set(name, isUsable);
  }

  /** State of each part by its name; empty when the service needs nothing but itself. */
  look(): Readonly<Record<string, PartState>> {
    return Object.fromEntries(
      [...this.parts].map(([name, isUsable]) => [name, isUsable() ? 'ok' : 'away'] as const),
    );
  }
}
