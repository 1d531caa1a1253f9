import { type InputValues } from '../scoring/application/application';
import { type PredictionRecord } from './prediction-record';

/**
 * A client's record without anything personal: every input is null, the client's name a tombstone. The idempotency
 * key, which callers may make of anything, is gone, and so is a request id that holds the client's name. The decision
 * with its probability, score, model and policy stays.
 *
 * @param tombstone what stands for the client from now on; it must not be made of the client's name
 * @param at ISO 8601, UTC: when the client was erased
 */
export function eraseRecord<R extends PredictionRecord>(record: R, tombstone: string, at: string): R {
  const { idempotencyKey: _key, ...rest } = record;
  const { clientId, requestId } = record;
  const erased = {
    ...rest,
    ...(clientId !== undefined && requestId.includes(clientId) && { requestId: tombstone }),
    clientId: tombstone,
  };
  if (!('decision' in record)) return erased as R;
  return {
    ...erased,
    inputs: withoutValues(record.inputs),
    ...(record.protected && { protected: withoutValues(record.protected) }),
    erased: { at },
  } as unknown as R;
}

function withoutValues(values: InputValues): InputValues {
  return Object.fromEntries(Object.keys(values).map((name) => [name, null]));
}
