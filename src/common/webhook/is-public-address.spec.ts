import { isPublicAddress } from './is-public-address';

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.32.0.1', '192.169.0.1', '223.255.255.255'])(
    'takes %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(['2606:4700:4700::1111', '2a00:1450:4007::200e', '2001:4860:4860::8888'])('takes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  // The special-purpose registries of IANA for IPv4 and IPv6.
  it.each([
    { address: '0.0.0.0', why: 'unspecified' },
    { address: '0.1.2.3', why: 'this network' },
    { address: '10.0.0.1', why: 'private' },
    { address: '100.64.0.1', why: "carriers' address translation" },
    { address: '100.127.255.254', why: "carriers' address translation" },
    { address: '127.0.0.1', why: 'loopback' },
    { address: '127.255.255.254', why: 'loopback' },
    { address: '169.254.169.254', why: 'metadata service' },
    { address: '172.16.0.1', why: 'private' },
    { address: '172.31.255.254', why: 'private' },
    { address: '192.0.0.8', why: 'protocol assignments' },
    { address: '192.0.2.1', why: 'documentation' },
    { address: '192.168.1.1', why: 'private' },
    { address: '198.19.0.1', why: 'benchmarks' },
    { address: '203.0.113.7', why: 'documentation' },
    { address: '224.0.0.1', why: 'multicast' },
    { address: '239.255.255.255', why: 'multicast' },
    { address: '240.0.0.1', why: 'reserved' },
    { address: '255.255.255.255', why: 'broadcast' },
    { address: '::', why: 'unspecified' },
    { address: '::1', why: 'loopback' },
    { address: '0:0:0:0:0:0:0:1', why: 'loopback, written out' },
    { address: '::ffff:127.0.0.1', why: 'loopback in IPv6' },
    { address: '::ffff:7f00:1', why: 'loopback in IPv6' },
    { address: '::ffff:8.8.8.8', why: 'IPv4 in IPv6' },
    { address: '::127.0.0.1', why: 'IPv4-compatible' },
    { address: '64:ff9b::7f00:1', why: 'NAT64' },
    { address: '64:ff9b:1::a00:1', why: 'local NAT64' },
    { address: '100::1', why: 'discard' },
    { address: '2001::1', why: 'Teredo' },
    { address: '2001:db8::1', why: 'documentation' },
    { address: '2002:7f00:1::', why: '6to4 of loopback' },
    { address: '3fff::1', why: 'documentation' },
    { address: '5f00::1', why: 'segment routing' },
    { address: 'fc00::1', why: 'unique local' },
    { address: 'fd12:3456::1', why: 'unique local' },
    { address: 'fe80::1', why: 'link-local' },
    { address: 'fe80::1%eth0', why: 'link-local with a zone' },
    { address: '2606:4700::1%eth0', why: 'a zone' },
    { address: 'fec0::1', why: 'site-local' },
    { address: 'ff02::1', why: 'multicast' },
    { address: 'localhost', why: 'a name' },
    { address: '', why: 'nothing' },
    { address: '127.1', why: 'no plain address' },
  ])('refuses $address: $why', ({ address }) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
