import { DerError } from './error.ts';
import type { DerReader } from './reader.ts';
import { Tag } from './tags.ts';

/** rust-asn1 keeps an OBJECT IDENTIFIER in 63 octets, and each arc in 128 bits: pyca refuses what is longer. */
const MAX_OCTETS = 63;
const MAX_ARC = (1n << 128n) - 1n;

/** The next OBJECT IDENTIFIER in dotted form. */
export function readObjectIdentifier(reader: DerReader): string {
  return decodeObjectIdentifier(reader.expect(Tag.ObjectIdentifier).content);
}

/**
 * The dotted form of the content octets of an OBJECT IDENTIFIER (X.690 §8.19).
 * @throws DerError if an arc is padded, cut off or larger than pyca takes.
 */
export function decodeObjectIdentifier(octets: Buffer): string {
  if (octets.length === 0 || octets.length > MAX_OCTETS) throw new DerError('an OBJECT IDENTIFIER of unusable length');
  const arcs: bigint[] = [];
  let arc = 0n;
  let atStart = true;
  for (const octet of octets) {
    if (atStart && octet === 0x80) throw new DerError('an arc of an OBJECT IDENTIFIER is padded');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (arc > MAX_ARC) throw new DerError('an arc of an OBJECT IDENTIFIER is too large');
    atStart = octet < 0x80;
    if (atStart) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  if (!atStart) throw new DerError('an OBJECT IDENTIFIER is cut off');
  const [first = 0n, ...others] = arcs;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...others].join('.');
}
