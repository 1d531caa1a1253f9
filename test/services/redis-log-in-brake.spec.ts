import { RedisLogInBrake } from '../../src/auth/sessions/redis-log-in-brake';
import { describeLogInBrake } from '../contract/log-in-brake.contract';
import { RedisOfTheSpec } from '../factories/redis-of-the-spec';

const redis = RedisOfTheSpec.use();

describeLogInBrake('RedisLogInBrake', (clock) => new RedisLogInBrake(redis.connection, clock));

describe('RedisLogInBrake', () => {
  const clock = (): number => Date.UTC(2026, 10, 25);

  it('counts the failures at all instances, and forgets them after a log-in at any', async () => {
    const brakes = [1, 2].map(() => new RedisLogInBrake(redis.connection, clock));
    for (let failure = 0; failure < 3; failure++) for (const brake of brakes) await brake.fail(['a']);
    for (const brake of brakes) expect(await brake.waitSeconds(['a'])).toBe(4);
    await brakes[0]?.succeed(['a']);
    for (const brake of brakes) expect(await brake.waitSeconds(['a'])).toBe(0);
  });

  it('goes by what this instance saw while Redis is away', async () => {
    const [seeing, other] = [
      new RedisLogInBrake(redis.connection, clock),
      new RedisLogInBrake(redis.connection, clock),
    ];
    for (let failure = 0; failure < 5; failure++) await seeing.fail(['a']);
    await redis.server.stop();
    expect(await seeing.waitSeconds(['a'])).toBe(2);
    expect(await other.waitSeconds(['a'])).toBe(0);
    await seeing.fail(['a']);
    expect(await seeing.waitSeconds(['a'])).toBe(4);
    await seeing.succeed(['a']);
    expect(await seeing.waitSeconds(['a'])).toBe(0);
    await redis.comeBack();
  });
});
