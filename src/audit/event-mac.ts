import { createHmac, hkdfSync } from 'node:crypto';
import type { EventRow } from './event.ts';

/** A key that authenticates events: 32 bytes, which are nowhere in the database, and a name for them, which is. */
export interface AuditKey {
  /** Hexadecimal; tells nothing of the key. */
  readonly id: string;
  readonly key: Uint8Array;
}

/** Names a key by what HKDF (RFC 5869) makes of it. */
export function auditKeyOf(key: Uint8Array): AuditKey {
  return { id: Buffer.from(hkdfSync('sha256', key, '', 'certkeep audit key id', 8)).toString('hex'), key };
}

/** The fields that a MAC covers, in this order. Another order or another field is another format. */
const FIELDS = [
  'id',
  'createdAt',
  'action',
  'app',
  'principalId',
  'username',
  'tokenId',
  'clientAddress',
  'requestId',
  'modelApp',
  'modelName',
  'modelPk',
  'context',
] as const satisfies readonly (keyof EventRow)[];

/** HMAC-SHA256 over an event: each field with its length before it, so that no two events have the same octets. */
export function macOfEvent({ key }: AuditKey, event: Omit<EventRow, 'mac' | 'macKeyId'>): Uint8Array<ArrayBuffer> {
  const hmac = createHmac('sha256', key).update('certkeep event 1\0');
  for (const field of FIELDS) {
    const value = event[field];
    const text = value instanceof Date ? value.toISOString() : value;
    // NULL is not the empty text: a length that no text has.
    const octets = Buffer.from(text ?? '', 'utf8');
    const length = Buffer.alloc(4);
    length.writeInt32BE(text === null ? -1 : octets.length);
    hmac.update(length).update(octets);
  }
  return new Uint8Array(hmac.digest());
}
