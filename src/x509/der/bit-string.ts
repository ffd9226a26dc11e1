import { DerError } from './error.ts';

/**
 * The octets of a BIT STRING from its content octets: without the count of unused bits, which may be up to 7 and must be zero
 * bits (X.690 §11.2.1).
 * @throws DerError where the count or the unused bits are wrong.
 */
export function decodeBitString(content: Buffer): Buffer {
  if (content.length === 0) throw new DerError('an empty BIT STRING');
  const unused = content.readUInt8(0);
  const octets = content.subarray(1);
  if (unused > 7 || (octets.length === 0 && unused !== 0))
    throw new DerError('a BIT STRING with a wrong count of unused bits');
  if (unused > 0 && (octets.readUInt8(octets.length - 1) & ((1 << unused) - 1)) !== 0) {
    throw new DerError('a BIT STRING with unused bits that are set');
  }
  return octets;
}
