import { type Clock } from '../../src/common/clock';
import { type LogInBrake, nameAttempt } from '../../src/auth/sessions/log-in-brake';

/**
 * What every log-in brake promises, whatever it counts in.
 *
 * @param open one that knows of no failure, on a clock of the test's
 */
export function describeLogInBrake(
  name: string,
  open: (clock: Clock) => LogInBrake | Promise<LogInBrake>,
): void {
  describe(`${name}, as a log-in brake`, () => {
    let nowMs = 0;
    let brake: LogInBrake;
    beforeEach(async () => {
      nowMs = Date.UTC(2026, 10, 23);
      brake = await open(() => nowMs);
    });

    it('lets three failures pass, then doubles the wait from a second to five minutes', async () => {
      const waits: number[] = [];
      for (let failure = 1; failure <= 14; failure++) {
        await brake.fail(['a']);
        const seconds = await brake.waitSeconds(['a']);
        nowMs += seconds * 1_000;
        waits.push(seconds);
      }
      expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
      expect(await brake.waitSeconds(['a'])).toBe(0);
    });

    it('slows the key as well as the address: changing one of them gains nothing', async () => {
      for (let index = 0; index < 4; index++) await brake.fail(nameAttempt(`10.0.0.${index}`, 'aaaaaaaa'));
      expect(await brake.waitSeconds(nameAttempt('10.0.0.99', 'aaaaaaaa'))).toBe(1);
      expect(await brake.waitSeconds(nameAttempt('10.0.0.99', 'bbbbbbbb'))).toBe(0);
      for (let index = 0; index < 4; index++) await brake.fail(nameAttempt('10.0.0.1', undefined));
      expect(await brake.waitSeconds(nameAttempt('10.0.0.1', 'cccccccc'))).toBe(2);
    });

    it('forgets after a log-in, and an hour after the last failure', async () => {
      for (let index = 0; index < 6; index++) await brake.fail(['a', 'b']);
      await brake.succeed(['a']);
      expect([await brake.waitSeconds(['a']), await brake.waitSeconds(['b'])]).toEqual([0, 4]);
      nowMs += 3_600_000;
      await brake.fail(['b']);
      expect(await brake.waitSeconds(['b'])).toBe(0);
    });
  });
}
