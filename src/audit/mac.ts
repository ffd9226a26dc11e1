import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditKey, AuditKeys } from './audit-key.ts';

/** What one of our MACs covers: texts, octets, and what is not there. */
export type Field = string | Uint8Array | null;

/**
 * HMAC-SHA256 over a label and fields: each with its length before it, so that no two lists of fields have the same octets.
 *
 * @param label tells one kind of record from another, so that no MAC of one passes for another's
 */
export function macOf({ key }: AuditKey, label: string, fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const hmac = createHmac('sha256', key).update(`${label}\0`);
  for (const field of fields) {
    const octets = Buffer.from(field ?? '');
    const length = Buffer.alloc(4);
    // NULL is not the empty text: a length that no text has.
    length.writeInt32BE(field === null ? -1 : octets.length);
    hmac.update(length).update(octets);
  }
  return new Uint8Array(hmac.digest());
}

/** `unknown-key`: neither right nor wrong as far as the keys at hand can tell. */
export type MacVerdict = 'right' | 'wrong' | 'unknown-key';

interface Authenticated {
  readonly macKeyId: string;
  readonly mac: Uint8Array;
}

/**
 * Holds a record's MAC against the keys at hand.
 *
 * @param compute gives the MAC that the record should have under a key
 */
export function checkMac(
  { all }: AuditKeys,
  record: Authenticated,
  compute: (key: AuditKey) => Uint8Array,
): MacVerdict {
  const named = all.find(({ id }) => id === record.macKeyId);
  if (named !== undefined) {
    return sameMac(compute(named), record.mac) ? 'right' : 'wrong';
  }
  // Under another name than its key's, a record of ours was edited: the name alone excuses nothing.
  return all.some((key) => sameMac(compute(key), record.mac)) ? 'wrong' : 'unknown-key';
}

export function sameMac(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
