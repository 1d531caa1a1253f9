import { setImmediate as nextTurn } from 'node:timers/promises';
import { BatchTurns } from './batch-turns';

const received = (): Promise<void> => Promise.resolve();

/** Counts turns of the event loop until it is stopped. */
class TurnCounter {
  turn = 0;
  private immediate = setImmediate(this.count.bind(this));

  stop(): void {
    clearImmediate(this.immediate);
  }

  private count(): void {
    this.turn += 1;
    this.immediate = setImmediate(this.count.bind(this));
  }
}

describe('BatchTurns', () => {
  it('gives each batch a turn of the event loop of its own, in the order in which they were received', async () => {
    const turns = new BatchTurns();
    const counter = new TurnCounter();
    const began: { batch: number; turn: number }[] = [];
    await Promise.all(
      [0, 1, 2, 3].map(async (batch) => {
        await turns.take(1, received);
        began.push({ batch, turn: counter.turn });
      }),
    );
    counter.stop();
    expect(began.map(({ batch }) => batch)).toEqual([0, 1, 2, 3]);
    expect(new Set(began.map(({ turn }) => turn)).size).toBe(4);
  });

  it('lets nobody wait for a batch that is still being received', async () => {
    const turns = new BatchTurns();
    let finish: () => void = () => undefined;
    const slow = turns.take(5, () => new Promise<void>((resolve) => (finish = resolve)));
    await turns.take(7, received);
    expect(turns.waiting).toBe(5);
    finish();
    await slow;
    expect(turns.waiting).toBe(0);
  });

  it('counts what waits until its turn has come', async () => {
    const turns = new BatchTurns();
    const first = turns.take(200, received);
    const second = turns.take(1000, received);
    expect(turns.waiting).toBe(1200);
    await first;
    expect(turns.waiting).toBe(1000);
    await second;
    expect(turns.waiting).toBe(0);
  });

  it('forgets a batch that could not be received, and goes on', async () => {
    const turns = new BatchTurns();
    await expect(turns.take(3, () => Promise.reject(new Error('ended too early')))).rejects.toThrow('ended');
    expect(turns.waiting).toBe(0);
    await turns.take(3, received);
  });

  it('starts again after nobody has waited for a while', async () => {
    const turns = new BatchTurns();
    await turns.take(1, received);
    await nextTurn();
    await turns.take(1, received);
    expect(turns.waiting).toBe(0);
  });
});
