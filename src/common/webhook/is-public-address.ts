import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Special-purpose blocks of the IANA IPv4 registry (RFC 6890), with multicast and the reserved class E. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8, 'this network, and unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, "carriers' address translation"],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, and the metadata service of clouds'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, '6to4 relays'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, and broadcast'],
] as const;

/**
 * Everything outside 2000::/3, the only block given out for the public, and what is special inside it. Outside lie
 * loopback, IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local, link-local and multicast addresses.
 */
const SPECIAL_IPV6 = [
  ['::', 3, 'loopback, IPv4 in IPv6, NAT64'],
  ['4000::', 2, 'not given out'],
  ['8000::', 1, 'unique local, link-local, multicast'],
  ['2001::', 23, 'protocol assignments, Teredo'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4: holds an IPv4 address'],
  ['3fff::', 20, 'documentation'],
] as const;

// Two lists: a BlockList holds an IPv4 address for its IPv4-mapped form, so that ::/3 would refuse all of them.
const specialIpv4 = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) specialIpv4.addSubnet(network, prefix, 'ipv4');
const specialIpv6 = new BlockList();
for (const [network, prefix] of SPECIAL_IPV6) specialIpv6.addSubnet(network, prefix, 'ipv6');

/**
 * Whether an address belongs to a host on the public internet: not to this machine, its network, or a
 * translation into them. Anything that is no plain address is not, one with a zone (`fe80::1%eth0`) included.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIpv4.check(address, 'ipv4');
  if (isIPv6(address) && !address.includes('%')) return !specialIpv6.check(address, 'ipv6');
  return false;
}
