import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { nameRequestFailure, type PredictionClient } from './prediction-client';
import { type ReplayCase } from './replay-cases';
import { type ReplayTally } from './replay-tally';

/** Unanswered requests at a time; more would measure this process, not the service. */
export const MOST_IN_FLIGHT = 256;

/**
 * Sends applications at a steady rate, whether or not earlier ones have been answered (open loop), and
 * waits for the answers. Ends early, without an error, when `signal` is aborted, or when the service lets nobody in:
 * each refusal would leave a record there.
 *
 * @param rate requests a second
 * @param onAnswer called after each answer or failure
 * @returns how long sending took, milliseconds: requests divided by it is the rate that was achieved
 */
export async function sendReplay(
  cases: AsyncIterable<ReplayCase>,
  client: PredictionClient,
  rate: number,
  tally: ReplayTally,
  signal: AbortSignal,
  onAnswer: () => void,
): Promise<number> {
  const intervalMs = 1000 / rate;
  const inFlight = new Set<Promise<void>>();
  let onRoom: (() => void) | undefined;
  const started = performance.now();
  let lastSent = started;
  try {
    for await (const replayCase of cases) {
      const due = started + tally.sent * intervalMs;
      if (performance.now() < due) await setTimeout(due - performance.now(), undefined, { signal });
      if (inFlight.size >= MOST_IN_FLIGHT) {
        tally.delayed += 1;
        await new Promise<void>((resolve) => {
          onRoom = resolve;
        });
      }
      signal.throwIfAborted();
      if (tally.accessRefusal !== undefined) break;
      lastSent = performance.now();
      tally.sent += 1;
      const request = sendOne(replayCase, client, due, tally, signal).then(() => {
        inFlight.delete(request);
        onRoom?.();
        onAnswer();
      });
      inFlight.add(request);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(inFlight);
  }
  return lastSent - started + intervalMs;
}

async function sendOne(
  replayCase: ReplayCase,
  client: PredictionClient,
  due: number,
  tally: ReplayTally,
  signal: AbortSignal,
): Promise<void> {
  try {
    const answer = await client.predict(replayCase.application);
    tally.addAnswer(replayCase, answer, performance.now() - due);
  } catch (error) {
    tally.addFailure(signal.aborted ? 'interrupted' : nameRequestFailure(error));
  }
}
