import { type KeysInFlight } from '../../src/prediction/idempotency/keys-in-flight';

/**
 * What everything promises that knows which keys are in flight.
 *
 * @param open one that knows of none
 */
export function describeKeysInFlight(name: string, open: () => KeysInFlight | Promise<KeysInFlight>): void {
  describe(`${name}, as keys in flight`, () => {
    it('gives a key to one of many requests at once', async () => {
      const keys = await open();
      const answers = await Promise.all(Array.from({ length: 50 }, () => keys.take('a')));
      expect(answers.filter((release) => release !== undefined)).toHaveLength(1);
    });

    it('gives it again once it was given back, and others meanwhile', async () => {
      const keys = await open();
      const release = await keys.take('a');
      expect(await keys.take('a')).toBeUndefined();
      expect(await keys.take('b')).toBeDefined();
      await release?.();
      expect(await keys.take('a')).toBeDefined();
    });
  });
}
