import { randomFillSync } from 'node:crypto';

const OCTETS = 16;

/**
 * A serial number of 128 random bits (RFC 5280 §4.1.2.2 allows 159): the magnitude, big-endian, never zero. As an INTEGER it has a 17th
 * octet where the highest bit is set, so that it is positive.
 */
export function randomSerialNumber(): Buffer {
  const octets = Buffer.alloc(OCTETS);
  while (octets.every((octet) => octet === 0)) randomFillSync(octets);
  return octets;
}
