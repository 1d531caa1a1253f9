import { nameAttempt } from './log-in-brake';

describe('nameAttempt', () => {
  it.each([
    ['203.0.113.7', 'address 203.0.113.7'],
    ['::ffff:203.0.113.7', 'address 203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2'],
    ['2001:db8:1:2::9', 'address 2001:db8:1:2'],
    ['2001:db8::9', 'address 2001:db8:0:0'],
    ['2001:0DB8:0001::9', 'address 2001:db8:1:0'],
    ['::1', 'address 0:0:0:0'],
    ['fe80::1%eth0', 'address fe80:0:0:0'],
    [undefined, 'address unknown'],
  ])('counts %s as %s', (address, name) => {
    expect(nameAttempt(address, undefined)).toEqual([name]);
    expect(nameAttempt(address, 'aaaaaaaa')).toEqual([name, 'key aaaaaaaa']);
  });
});
