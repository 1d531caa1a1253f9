import { type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { hashIdempotencyKey, type OwnedKey } from '../../logging/hash-idempotency-key';
import { type PredictionLog } from '../../logging/prediction-log';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type DecidedOnce, type KeyedDecisions } from './keyed-decisions';
import { type KeyMemory } from './key-memory';

/** Keys of a log that has one writer, this process: it remembers them itself, and finds the records by their ids. */
export class IndexedDecisions implements KeyedDecisions, OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly keys: KeyMemory,
    private readonly log: PredictionLog,
  ) {}

  onModuleInit(): void {
    this.keys.onModuleInit();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.keys.beforeApplicationShutdown();
  }

  async find(key: OwnedKey): Promise<DecisionRecord | undefined> {
    const hash = hashIdempotencyKey(key);
    const id = this.keys.find(hash);
    return id === undefined ? undefined : this.findDecision(id, hash);
  }

  async decideOnce<T extends { readonly id: string }>(
    key: OwnedKey,
    decide: () => Promise<T>,
  ): Promise<DecidedOnce<T>> {
    const hash = hashIdempotencyKey(key);
    let lostId: string | undefined;
    for (let id = this.keys.find(hash); id !== undefined && id !== lostId; id = this.keys.find(hash)) {
      const record = await this.findDecision(id, hash);
      if (record !== undefined) return { kind: 'kept', record };
      // Its line was damaged since. Asked again, as another request may have decided meanwhile.
      lostId = id;
    }
    // Nothing may wait between the last look and this.
    return { kind: 'decided', answer: await this.keys.decideUnder(hash, decide) };
  }

  /** The decision with this id if it was made under this key. */
  private async findDecision(id: string, hash: Buffer): Promise<DecisionRecord | undefined> {
    const record = await this.log.find(id);
    if (record === undefined || !('decision' in record)) return undefined;
    const { idempotencyKey } = record;
    if (idempotencyKey === undefined) return undefined;
    return hashIdempotencyKey({ ...record, idempotencyKey }).equals(hash) ? record : undefined;
  }
}
