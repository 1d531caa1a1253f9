import { type KeysInFlight, type ReleaseKey } from './keys-in-flight';

/** Keys in flight in this process: as many as it has requests under way. */
export class MemoryKeysInFlight implements KeysInFlight {
  private readonly names = new Set<string>();

  take(name: string): Promise<ReleaseKey | undefined> {
    if (this.names.has(name)) return Promise.resolve(undefined);
    this.names.add(name);
    return Promise.resolve(() => {
      this.names.delete(name);
      return Promise.resolve();
    });
  }
}
