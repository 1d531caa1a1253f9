import { resolve } from 'node:path';
import { MemorySharedCache } from '../../src/cache/memory-shared-cache';
import { RedisConnection } from '../../src/cache/redis-connection';
import { RedisSharedCache } from '../../src/cache/redis-shared-cache';
import { ActiveModels } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { CachedProbabilities } from '../../src/prediction/probabilities/cached-probabilities';
import { ScoredProbabilities } from '../../src/prediction/probabilities/scored-probabilities';
import { MemoryKeysInFlight } from '../../src/prediction/idempotency/memory-keys-in-flight';
import { RedisKeysInFlight } from '../../src/prediction/idempotency/redis-keys-in-flight';
import { MemoryRateLimitStore } from '../../src/rate-limit/memory-rate-limit-store';
import { RedisRateLimitStore } from '../../src/rate-limit/redis-rate-limit-store';
import { RedisServer } from '../factories/servers/redis-server';
import { median } from './http/median';

const ROUNDS = 5;
const ROUND_MS = 400;

/** A connection that is not given up while the machine is busy measuring. */
const PATIENCE_MS = 2_000;

/** What one request asks for, in this process and in Redis. */
interface Contest {
  readonly name: string;
  readonly memory: () => unknown;
  readonly redis: () => unknown;
}

/** Microseconds that one takes, with so many under way at a time. */
async function measureRound(ask: () => unknown, callers: number): Promise<number> {
  const began = performance.now();
  const end = began + ROUND_MS;
  let asked = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        await ask();
        asked += 1;
      }
    }),
  );
  return ((performance.now() - began) * 1000) / asked;
}

/** Rounds of the two in turn, so that whatever else the machine does meets both; medians. */
async function compare({ name, memory, redis }: Contest, callers: number): Promise<void> {
  const times: { memory: number[]; redis: number[] } = { memory: [], redis: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = [await measureRound(memory, callers), await measureRound(redis, callers)] as const;
    // The first one warms up.
    if (round > 0) {
      times.memory.push(pair[0]);
      times.redis.push(pair[1]);
    }
  }
  const [here, there] = [median(times.memory), median(times.redis)];
  console.log(
    `${name}, ${callers} at a time: ${here.toFixed(2)} µs in this process, ${there.toFixed(1)} µs with Redis (${(there / here).toFixed(0)} times)`,
  );
}

async function main(): Promise<void> {
  const server = await RedisServer.start();
  const redis = await RedisConnection.open(server.url, PATIENCE_MS);
  const model = (await ActiveModels.load(new FolderModelRegistry(resolve('models')), undefined)).champion();
  const inputs = Object.fromEntries(model.bundle.inputs.map(({ name, example }) => [name, example]));

  const limits = { memory: new MemoryRateLimitStore(60), redis: new RedisRateLimitStore(redis, 60) };
  const scored = new ScoredProbabilities();
  const cached = {
    memory: new CachedProbabilities(new MemorySharedCache(), scored),
    redis: new CachedProbabilities(new RedisSharedCache(redis), scored),
  };
  const keys = { memory: new MemoryKeysInFlight(), redis: new RedisKeysInFlight(redis) };
  let serial = 0;
  const takeAndGiveBack = async (store: MemoryKeysInFlight | RedisKeysInFlight): Promise<void> => {
    const release = await store.take(`key-${(serial += 1)}`);
    await release?.();
  };
  const contests: readonly Contest[] = [
    {
      name: 'point of a rate limit',
      memory: () => limits.memory.take('caller', 1, 1e9),
      redis: () => limits.redis.take('caller', 1, 1e9),
    },
    {
      name: 'key in flight, taken and given back',
      memory: () => takeAndGiveBack(keys.memory),
      redis: () => takeAndGiveBack(keys.redis),
    },
    {
      name: 'probability that is in the cache',
      memory: () => cached.memory.find(model, inputs),
      redis: () => cached.redis.find(model, inputs),
    },
  ];
  const scoring = await measureRound(() => scored.find(model, inputs), 1);
  console.log(`probability from the model itself: ${scoring.toFixed(2)} µs`);
  for (const contest of contests) for (const callers of [1, 64]) await compare(contest, callers);
  redis.close();
  await server.remove();
}

void main();
