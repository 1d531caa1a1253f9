import { describeReadFailure } from '../../logging/describe-read-failure';
import { hashIdempotencyKey, type OwnedKey } from '../../logging/hash-idempotency-key';
import { IdempotencyKeyTakenError, type KeyKeepingLog } from '../../logging/prediction-log';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type DecidedOnce, type KeyedDecisions } from './keyed-decisions';
import { type KeysInFlight } from './keys-in-flight';
import { refuseKeyInFlight } from './refuse-key';

/**
 * Keys of a log that keeps them itself, because several processes write it. The log decides which of two
 * requests was first, in the moment it keeps the record; the keys in flight only save the others the way there.
 *
 * Cost: one look-up in the log, and one question to the keys in flight.
 */
export class LogKeptDecisions implements KeyedDecisions {
  constructor(
    private readonly log: KeyKeepingLog,
    private readonly inFlight: KeysInFlight,
  ) {}

  async find(key: OwnedKey): Promise<DecisionRecord | undefined> {
    try {
      return await this.log.findByKey(key);
    } catch (error) {
      throw describeReadFailure(error);
    }
  }

  async decideOnce<T extends { readonly id: string }>(
    key: OwnedKey,
    decide: () => Promise<T>,
  ): Promise<DecidedOnce<T>> {
    const kept = await this.find(key);
    if (kept !== undefined) return { kind: 'kept', record: kept };
    const release = await this.inFlight.take(hashIdempotencyKey(key).toString('base64url'));
    if (release === undefined) throw refuseKeyInFlight();
    try {
      const answer = await decide();
      // Nobody waits for it: from now on the record stands for the key.
      void release();
      return { kind: 'decided', answer };
    } catch (error) {
      await release();
      if (!(error instanceof IdempotencyKeyTakenError)) throw error;
      const record = await this.find(key);
      // Its 24 hours were over in between: sent again, it is decided anew.
      if (record === undefined) throw refuseKeyInFlight();
      return { kind: 'kept', record };
    }
  }
}
