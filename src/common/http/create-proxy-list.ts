import { BlockList, isIPv6 } from 'node:net';

/**
 * The proxies in front, as a list that tells whether it holds an address.
 *
 * @param entries addresses such as `10.0.0.7` and networks such as `10.0.0.0/8`, as the settings allow them
 */
export function createProxyList(entries: readonly string[]): BlockList {
  const proxies = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  return proxies;
}
