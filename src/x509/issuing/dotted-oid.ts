import { Tag } from '../der/tags.ts';
import { type DerValue, universalPrimitive } from '../der/writer.ts';

const DOTTED = /^[0-2](?:\.(?:0|[1-9]\d{0,38}))+$/;
/** As many as the reader takes, which are as many as pyca takes. */
const MAX_OCTETS = 63;
const MAX_ARC = (1n << 128n) - 1n;
/** The longest text that still encodes to that many octets has one arc an octet: `2.47` and 62 times `.127`. */
const MAX_CHARACTERS = 4 * MAX_OCTETS;

/**
 * Encodes an OBJECT IDENTIFIER (X.690 §8.19), with arcs of up to 128 bits, where node-forge ends at 32.
 * @param dotted for example `2.25.329800735698586629295641978511506172918`
 * @returns the content octets; null where the text is no OBJECT IDENTIFIER that pyca would read back
 */
export function encodeDottedOid(dotted: string): Buffer | null {
  if (dotted.length > MAX_CHARACTERS || !DOTTED.test(dotted)) return null;
  const [root = 0n, second = 0n, ...others] = dotted.split('.').map(BigInt);
  if (root < 2n && second > 39n) return null;
  const arcs = [root * 40n + second, ...others];
  if (arcs.some((arc) => arc > MAX_ARC)) return null;
  const octets = Buffer.from(arcs.flatMap(encodeArc));
  return octets.length > MAX_OCTETS ? null : octets;
}

/** Seven bits an octet, the most significant first; the high bit says that more follow. */
function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

/** Whether a text is an OBJECT IDENTIFIER that `encodeDottedOid` encodes. */
export function isDottedOid(text: string): boolean {
  return encodeDottedOid(text) !== null;
}

/** OBJECT IDENTIFIER as a value to encode. Only of what `isDottedOid` says yes to. */
export function dottedOid(dotted: string): DerValue {
  return universalPrimitive(Tag.ObjectIdentifier, encodeDottedOid(dotted) ?? Buffer.alloc(0));
}
