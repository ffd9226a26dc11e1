import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';

/** What is signed: the message and when this attempt at it is made. */
export interface SignedContent {
  /** As in `webhook-id`. */
  readonly id: string;
  /** Seconds since 1970, as in `webhook-timestamp`. */
  readonly timestamp: number;
  readonly payload: string;
}

/**
 * The `webhook-signature` header of Standard Webhooks: for each secret `v1,` and an HMAC-SHA256 over `id.timestamp.payload` in base64, spaces
 * between, so that a receiver that knows one of two secrets finds its own.
 *
 * @param secrets each `whsec_` and base64
 */
export function signatureOf({ id, timestamp, payload }: SignedContent, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest('base64')}`;
    })
    .join(' ');
}
