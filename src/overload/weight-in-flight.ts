import { type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** What all requests weigh that were admitted and not answered yet. */
export class WeightInFlight {
  private readonly byConnection = new WeakMap<Socket, number>();
  private sum = 0;

  /** At least 0. */
  get total(): number {
    return this.sum;
  }

  /** Counts a request until its answer is sent or its connection is gone. */
  add(connection: Socket, response: ServerResponse, weight: number): void {
    const before = this.byConnection.get(connection);
    this.byConnection.set(connection, (before ?? 0) + weight);
    this.sum += weight;
    response.on('close', () => {
      const now = this.byConnection.get(connection);
      if (now === undefined) return;
      this.byConnection.set(connection, now - weight);
      this.sum -= weight;
    });
    // The answer to a pipelined request closes only when its turn comes: never, when the connection ends before.
    if (before === undefined) {
      connection.once('close', () => {
        this.forget(connection);
      });
    }
  }

  private forget(connection: Socket): void {
    this.sum -= this.byConnection.get(connection) ?? 0;
    this.byConnection.delete(connection);
  }
}
