/** What an IPv4 address looks like to a socket that listens on both. */
const MAPPED_PREFIX = '::ffff:';
/** Groups of sixteen bits in an address, and in its network. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * Whom to count an address as: an IPv4 address is one, but whoever has one IPv6 address has the 2^64 of its
 * network (RFC 4291, section 2.5.4), so these count as one.
 *
 * @param address as `socket.remoteAddress` or a proxy writes it
 * @returns the IPv4 address, or the first four groups of the IPv6 address
 */
export function groupAddress(address: string): string {
  if (!address.includes(':')) return address;
  const lower = address.toLowerCase();
  if (lower.startsWith(MAPPED_PREFIX) && lower.includes('.')) return lower.slice(MAPPED_PREFIX.length);
  const [head = '', tail] = lower.split('::');
  const leading = splitGroups(head);
  const trailing = splitGroups(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, GROUPS - leading.length - trailing.length) }, () => '0');
  const groups = tail === undefined ? leading : [...leading, ...zeros, ...trailing];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function splitGroups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
