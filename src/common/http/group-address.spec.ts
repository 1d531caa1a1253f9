import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { groupAddress } from './group-address';

describe('groupAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', 'an IPv4 address is one'],
    ['::ffff:203.0.113.7', '203.0.113.7', 'on a socket for both kinds it looks like this'],
    ['::FFFF:203.0.113.7', '203.0.113.7', 'letters of any case'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2', 'the network of 64 bits'],
    ['2001:db8:1:2::', '2001:db8:1:2', 'zeros left out at the end'],
    ['2001:db8::2:0:0:0:6', '2001:db8:0:2', 'zeros left out in the network'],
    ['2001:0DB8:0001::6', '2001:db8:1:0', 'leading zeros and capitals'],
    ['fe80::1%eth0', 'fe80:0:0:0', 'a zone'],
    ['::1', '0:0:0:0', 'nothing but zeros in front'],
    ['', '', 'a connection that is gone'],
  ])('counts %s as %s: %s', (address, group) => {
    expect(groupAddress(address)).toBe(group);
  });

  it('is one for two IPv6 addresses just when they share a network of 64 bits, as BlockList sees it', () => {
    const address = fc.ipV6().filter((text) => isIPv6(text) && !text.includes('.'));
    fc.assert(
      fc.property(address, address, (left, right) => {
        const network = new BlockList();
        network.addSubnet(left, 64, 'ipv6');
        expect(groupAddress(left) === groupAddress(right)).toBe(network.check(right, 'ipv6'));
      }),
    );
  });

  it('is one for any two ways to write an interface of one network', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const network = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(network, network, network, (prefix, left, right) => {
        const write = (suffix: readonly number[], pad: number): string =>
          [...prefix, ...suffix].map((part) => part.toString(16).padStart(pad, '0')).join(':');
        expect(groupAddress(write(left, 4))).toBe(groupAddress(write(right, 1)));
      }),
    );
  });
});
