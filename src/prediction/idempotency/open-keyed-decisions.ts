import { type ModuleRef } from '@nestjs/core';
import { type CacheConnection } from '../../cache/cache-connection';
import { keepsKeys, type PredictionLog } from '../../logging/prediction-log';
import { IndexedDecisions } from './indexed-decisions';
import { KeyMemory } from './key-memory';
import { type KeyedDecisions } from './keyed-decisions';
import { LogKeptDecisions } from './log-kept-decisions';
import { openKeysInFlight } from './open-keys-in-flight';

/**
 * What knows the keys of a log. The memory of keys, which reads a day of the log, is made only for a log that does
 * not keep them itself. Such a log has one writer, so its keys in flight need not be shared.
 */
export async function openKeyedDecisions(
  log: PredictionLog,
  cache: CacheConnection,
  module: ModuleRef,
): Promise<KeyedDecisions> {
  if (keepsKeys(log)) return new LogKeptDecisions(log, await openKeysInFlight(cache));
  return new IndexedDecisions(await module.create(KeyMemory), log);
}
