import { randomUUID } from 'node:crypto';

/** What happened, by Standard Webhooks' convention. */
export type MessageType = 'certificate.expiring' | 'certificate.expired' | 'webhook.test';

/** A message before anybody sent it. */
export interface NewMessage {
  /** A UUID, by which a receiver knows it again, however often it is sent. */
  readonly id: string;
  readonly type: MessageType;
  /** JSON, exactly as it is signed and sent. */
  readonly payload: string;
}

/**
 * A message with the payload that Standard Webhooks recommends.
 *
 * @param at when what it tells of happened
 */
export function newMessage(type: MessageType, at: Date, data: object): NewMessage {
  return { id: randomUUID(), type, payload: JSON.stringify({ type, timestamp: at.toISOString(), data }) };
}
