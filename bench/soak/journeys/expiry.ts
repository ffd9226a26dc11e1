import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { PAIRS } from '../../client.ts';
import type { Client } from '../client.ts';
import type { Journey } from '../pace.ts';
import type { Receiver } from '../receiver.ts';

/** The watch looks every ten seconds, and a message waits for its turn. */
const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/** A certificate that expires in five days is stored, the webhook that says so is awaited, and the pair is deleted. */
export function expiryJourney(client: Client, { received }: Receiver): Journey {
  return {
    name: 'expiry, certificate told of by a webhook',
    requests: 2,
    async run() {
      const { pk } = await client.json<{ pk: string }>({
        kind: 'authentik generate',
        method: 'POST',
        path: `${PAIRS}generate/`,
        body: { common_name: `soak expires ${randomUUID()}`, validity_days: 5, alg: 'ecdsa' },
        expect: 200,
      });
      const end = performance.now() + PATIENCE_MS;
      while (!received.has(pk) && performance.now() < end) {
        await wait(POLL_MS);
      }
      await client.send({ kind: 'authentik delete', method: 'DELETE', path: `${PAIRS}${pk}/`, expect: 204 });
      const times = received.get(pk) ?? 0;
      if (times !== 1) {
        throw new Error(`${times} webhooks in place of one`);
      }
    },
  };
}
