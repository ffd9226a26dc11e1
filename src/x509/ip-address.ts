/**
 * The text of an iPAddress (RFC 5280 §4.2.1.6): 4 octets dotted, 16 octets by RFC 5952, anything else as lower-case hex.
 */
export function formatIpAddress(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length === 16) return formatIpv6(octets);
  return octets.toString('hex');
}

/** RFC 5952 §4.2: the longest run of at least two zero groups becomes `::`, the first of equal ones. */
function formatIpv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2));
  const run = longestZeroRun(groups);
  const toText = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return toText(groups);
  return `${toText(groups.slice(0, run.start))}::${toText(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
