import { DerError } from './error.ts';
import type { DerReader } from './reader.ts';
import { Tag } from './tags.ts';

/** rust-asn1 keeps an OBJECT IDENTIFIER in 63 octets, and each arc in 128 bits: pyca refuses what is longer. */
const MAX_OCTETS = 63;
const MAX_ARC = (1n << 128n) - 1n;
/** Below, seven more bits still make a safe integer. */
const SHORT_ARC = 2 ** 46;

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
  const arcs: Arc[] = [];
  let arc: Arc = 0;
  let atStart = true;
  for (const octet of octets) {
    if (atStart && octet === 0x80) throw new DerError('an arc of an OBJECT IDENTIFIER is padded');
    arc = append(arc, octet & 0x7f);
    atStart = octet < 0x80;
    if (atStart) {
      arcs.push(arc);
      arc = 0;
    }
  }
  if (!atStart) throw new DerError('an OBJECT IDENTIFIER is cut off');
  const [first = 0, ...others] = arcs;
  return [...splitFirst(first), ...others].join('.');
}

/** A plain number as long as it is exact: a name has room for thousands of arcs, and BigInts are slow. */
type Arc = number | bigint;

function append(arc: Arc, sevenBits: number): Arc {
  if (typeof arc === 'number' && arc < SHORT_ARC) return arc * 128 + sevenBits;
  const longer = (BigInt(arc) << 7n) | BigInt(sevenBits);
  if (longer > MAX_ARC) throw new DerError('an arc of an OBJECT IDENTIFIER is too large');
  return longer;
}

/** X.690 §8.19.4: the first two arcs are encoded as one. */
function splitFirst(first: Arc): [root: number, second: Arc] {
  if (typeof first === 'bigint') return [2, first - 80n];
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40];
}
