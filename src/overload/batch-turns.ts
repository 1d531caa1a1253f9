import { Injectable } from '@nestjs/common';

/**
 * Batches one after the other, each in a turn of the event loop of its own. Worked on side by side, they keep each
 * other's applications alive until the garbage collector has copied them twice (a tenth of the processor), and
 * single decisions wait for all of them; so only the bytes wait.
 */
@Injectable()
export class BatchTurns {
  private readonly queue: (() => void)[] = [];
  private weight = 0;

  /** What all batches weigh that are being received or wait for their turn (see `weighRequest`). */
  get waiting(): number {
    return this.weight;
  }

  /**
   * Resolves when it is the batch's turn, in the order in which they were received.
   *
   * @param weight of the batch
   * @param receive reads its body; who sends slowly holds nobody up
   * @throws what `receive` throws
   */
  async take(weight: number, receive: () => Promise<unknown>): Promise<void> {
    this.weight += weight;
    try {
      await receive();
      await new Promise<void>((resolve) => {
        this.queue.push(resolve);
        if (this.queue.length === 1) setImmediate(this.begin);
      });
    } finally {
      this.weight -= weight;
    }
  }

  private readonly begin = (): void => {
    const [resolve] = this.queue.splice(0, 1);
    resolve?.();
    // Runs in the next turn, after whatever has arrived by then.
    if (this.queue.length > 0) setImmediate(this.begin);
  };
}
