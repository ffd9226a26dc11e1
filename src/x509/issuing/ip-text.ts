const IPV4_OCTET = /^(?:0|[1-9]\d{0,2})$/;
const IPV6_GROUP = /^[0-9a-f]{1,4}$/i;

/**
 * The octets of an iPAddress (RFC 5280 §4.2.1.6) from the text of an address: four of IPv4 (dotted, decimal, without leading zeros),
 * sixteen of IPv6 (RFC 4291 §2.2, the last 32 bits also dotted; no zone).
 * @returns null for anything else
 * @example
 * parseIpAddress('::1').length; // → 16
 * parseIpAddress('010.0.0.1'); // → null
 */
export function parseIpAddress(text: string): Buffer | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Buffer | null {
  const parts = text.split('.', 5);
  const isAddress = parts.length === 4 && parts.every((part) => IPV4_OCTET.test(part) && Number(part) <= 255);
  return isAddress ? Buffer.from(parts.map(Number)) : null;
}

function parseIpv6(text: string): Buffer | null {
  const halves = text.split('::', 3);
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined || head === null || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  // `::` stands for one group of zeros at least.
  const zeros = 16 - head.length - tail.length;
  return zeros < 2 ? null : Buffer.concat([head, Buffer.alloc(zeros), tail]);
}

/** The octets of groups between colons; where they end the address, the last may be a dotted IPv4 address. */
function parseGroups(text: string, isLast: boolean): Buffer | null {
  if (text === '') return Buffer.alloc(0);
  const groups = text.split(':', 9);
  const octets = groups.map((group, index) => parseGroup(group, isLast && index === groups.length - 1));
  return octets.includes(null) ? null : Buffer.concat(octets.filter((part) => part !== null));
}

function parseGroup(group: string, mayBeDotted: boolean): Buffer | null {
  if (IPV6_GROUP.test(group)) return Buffer.from(group.padStart(4, '0'), 'hex');
  return mayBeDotted ? parseIpv4(group) : null;
}
