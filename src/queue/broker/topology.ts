import { type Channel } from 'amqplib';

/** Where applications are published that wait for a worker. */
export const JOBS_EXCHANGE = 'jobs';
/** Applications that wait for a worker. */
export const JOBS_QUEUE = 'jobs';
/** Jobs that could not be decided, for people to look at. */
export const DEAD_JOBS_QUEUE = 'jobs.dead';
/** Where the broker puts what is given up. */
export const DEAD_EXCHANGE = 'dead-letters';
/** Every decision as an event; the routing key is the decision. */
export const DECISIONS_EXCHANGE = 'decisions';
/** Results that wait to be sent to their callback. */
export const CALLBACKS_QUEUE = 'callbacks';
/** Results whose callback could not be reached. */
export const DEAD_CALLBACKS_QUEUE = 'callbacks.dead';

/** A day of eleven applications a second, one to two gigabytes; more are refused, not taken and lost. */
const MOST_WAITING_JOBS = 1_000_000;

/**
 * The broker's own limit. Workers give a job up after fewer deliveries, and keep a record of it; this one stands
 * behind them for a job that no worker lives long enough to give up.
 */
const MOST_DELIVERIES = 50;

/** A week for people to look at them: they hold what an erasure would have to find otherwise. */
const DEAD_LETTERS_KEPT_MS = 7 * 86_400_000;

/** How long a callback waits after each try that failed, seconds: a receiver that is being deployed is back by then. */
export const CALLBACK_PAUSES_SECONDS = [2, 15, 60, 300, 900] as const;

/** Queue in which a callback waits so long; all in it wait equally, so that none stands before a shorter one. */
export function callbackPauseQueue(seconds: number): string {
  return `${CALLBACKS_QUEUE}.wait-${seconds}s`;
}

/** Quorum queues are on disk when they confirm, and replicated where the broker is a cluster. */
const QUORUM = { 'x-queue-type': 'quorum' } as const;

/** Dead letters move by confirms as well: never lost on the way. It wants a queue that refuses what is too much. */
const SAFE_DEAD_LETTERS = {
  'x-dead-letter-exchange': DEAD_EXCHANGE,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

/**
 * Declares every exchange and queue of the service; what is there already stays.
 *
 * @throws when the broker has one of them with other properties: it names it in its answer
 */
export async function declareTopology(channel: Channel): Promise<void> {
  await channel.assertExchange(JOBS_EXCHANGE, 'direct', { durable: true });
  await channel.assertExchange(DEAD_EXCHANGE, 'direct', { durable: true });
  await channel.assertExchange(DECISIONS_EXCHANGE, 'topic', { durable: true });
  for (const [queue, live] of [
    [DEAD_JOBS_QUEUE, JOBS_QUEUE],
    [DEAD_CALLBACKS_QUEUE, CALLBACKS_QUEUE],
  ] as const) {
    await channel.assertQueue(queue, {
      durable: true,
      arguments: { ...QUORUM, 'x-message-ttl': DEAD_LETTERS_KEPT_MS },
    });
    await channel.bindQueue(queue, DEAD_EXCHANGE, live);
  }
  await channel.assertQueue(JOBS_QUEUE, {
    durable: true,
    arguments: {
      ...QUORUM,
      ...SAFE_DEAD_LETTERS,
      'x-dead-letter-routing-key': JOBS_QUEUE,
      'x-delivery-limit': MOST_DELIVERIES,
      'x-max-length': MOST_WAITING_JOBS,
    },
  });
  await channel.bindQueue(JOBS_QUEUE, JOBS_EXCHANGE, JOBS_QUEUE);
  await channel.assertQueue(CALLBACKS_QUEUE, {
    durable: true,
    arguments: {
      ...QUORUM,
      ...SAFE_DEAD_LETTERS,
      'x-dead-letter-routing-key': CALLBACKS_QUEUE,
      'x-delivery-limit': MOST_DELIVERIES,
    },
  });
  for (const seconds of CALLBACK_PAUSES_SECONDS) {
    await channel.assertQueue(callbackPauseQueue(seconds), {
      durable: true,
      arguments: {
        ...QUORUM,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
        'x-message-ttl': seconds * 1000,
        // The nameless exchange leads to the queue of that name.
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': CALLBACKS_QUEUE,
      },
    });
  }
}
