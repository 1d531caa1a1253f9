import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Between the requests of a caller: the instances and their servers need the processor, too. */
const PAUSE_MS = 10;
/** Before a request that failed is sent again. */
const REPEAT_MS = 100;

/** What came of the requests. */
export interface Outcome {
  /** Id of each decision, once for each application. */
  readonly decided: readonly string[];
  /** Why a request had to be repeated. */
  readonly failed: readonly string[];
}

/**
 * Callers who want one decision after the other until they are stopped. A request that failed is sent again until there
 * is a decision.
 *
 * @param decide sends an application; the headers hold an Idempotency-Key of its own, the same when it is sent again
 */
export function decideAllTheWhile(
  callers: number,
  decide: (headers: Readonly<Record<string, string>>) => Promise<Response>,
): { readonly stop: () => Promise<Outcome> } {
  const decided: string[] = [];
  const failed: string[] = [];
  let over = false;
  const attempt = async (headers: Readonly<Record<string, string>>): Promise<boolean> => {
    try {
      const response = await decide(headers);
      const text = await response.text();
      if (response.status === 200) decided.push((JSON.parse(text) as { id: string }).id);
      else failed.push(`${response.status}: ${text}`);
      return response.status === 200;
    } catch (error) {
      failed.push(String(error));
      return false;
    }
  };
  const running = Array.from({ length: callers }, async () => {
    while (!over) {
      const headers = { 'Idempotency-Key': randomUUID() };
      while (!(await attempt(headers))) await delay(REPEAT_MS);
      await delay(PAUSE_MS);
    }
  });
  return {
    stop: async () => {
      over = true;
      await Promise.all(running);
      return { decided, failed };
    },
  };
}
