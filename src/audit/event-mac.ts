import type { AuditKey, AuditKeys } from './audit-key.ts';
import type { EventRow, StoredEvent } from './event.ts';
import { checkMac, type MacVerdict, macOf } from './mac.ts';

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

type Unsigned<Event extends EventRow | StoredEvent> = Omit<Event, 'mac' | 'macKeyId'>;

/** The MAC of an event as it is to be written, or as it was read. */
export function macOfEvent(key: AuditKey, event: Unsigned<EventRow> | Unsigned<StoredEvent>): Uint8Array<ArrayBuffer> {
  const fields = FIELDS.map((field) => {
    const value = event[field];
    return value instanceof Date ? value.toISOString() : value;
  });
  return macOf(key, 'certkeep event 1', fields);
}

/** Whether an event is as one of us wrote it. */
export function checkEvent(keys: AuditKeys, event: StoredEvent): MacVerdict {
  return checkMac(keys, event, (key) => macOfEvent(key, event));
}
