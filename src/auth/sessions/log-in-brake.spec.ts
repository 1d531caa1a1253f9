import { LogInBrake, nameAttempt } from './log-in-brake';

let nowMs = 0;
let brake: LogInBrake;
beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 23);
  brake = new LogInBrake(() => nowMs);
});

describe('LogInBrake', () => {
  it('lets three failures pass, then doubles the wait from a second to five minutes', () => {
    const waits = Array.from({ length: 14 }, () => {
      brake.fail(['a']);
      const seconds = brake.waitSeconds(['a']);
      nowMs += seconds * 1_000;
      return seconds;
    });
    expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(brake.waitSeconds(['a'])).toBe(0);
  });

  it('slows the key as well as the address: changing one of them gains nothing', () => {
    for (let index = 0; index < 4; index++) brake.fail(nameAttempt(`10.0.0.${index}`, 'aaaaaaaa'));
    expect(brake.waitSeconds(nameAttempt('10.0.0.99', 'aaaaaaaa'))).toBe(1);
    expect(brake.waitSeconds(nameAttempt('10.0.0.99', 'bbbbbbbb'))).toBe(0);
    for (let index = 0; index < 4; index++) brake.fail(nameAttempt('10.0.0.1', undefined));
    expect(brake.waitSeconds(nameAttempt('10.0.0.1', 'cccccccc'))).toBe(2);
  });

  it('forgets after a log-in, and an hour after the last failure', () => {
    for (let index = 0; index < 6; index++) brake.fail(['a', 'b']);
    brake.succeed(['a']);
    expect([brake.waitSeconds(['a']), brake.waitSeconds(['b'])]).toEqual([0, 4]);
    nowMs += 3_600_000;
    brake.fail(['b']);
    expect(brake.waitSeconds(['b'])).toBe(0);
  });

  it('remembers ten thousand names: those that failed longest ago are forgotten first', () => {
    for (let index = 0; index < 4; index++) brake.fail(['first']);
    for (let index = 0; index < 9_999; index++) brake.fail([`n${index}`]);
    expect(brake.waitSeconds(['first'])).toBe(1);
    brake.fail(['one more']);
    expect(brake.waitSeconds(['first'])).toBe(0);
  });
});

describe('nameAttempt', () => {
  it.each([
    ['203.0.113.7', 'address 203.0.113.7'],
    ['::ffff:203.0.113.7', 'address 203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2'],
    ['2001:db8:1:2::9', 'address 2001:db8:1:2'],
    ['2001:db8::9', 'address 2001:db8:0:0'],
    ['::1', 'address 0:0:0:0'],
    ['fe80::1%eth0', 'address fe80:0:0:0'],
    [undefined, 'address unknown'],
  ])('counts %s as %s', (address, name) => {
    expect(nameAttempt(address, undefined)).toEqual([name]);
    expect(nameAttempt(address, 'aaaaaaaa')).toEqual([name, 'key aaaaaaaa']);
  });
});
