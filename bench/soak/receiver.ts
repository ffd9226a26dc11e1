import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** Takes webhooks, and counts them by the pair that they tell of. */
export interface Receiver {
  readonly url: string;
  readonly received: ReadonlyMap<string, number>;
  /** Such as did not verify. */
  rejected(): number;
  close(): Promise<void>;
}

interface Notice {
  readonly data?: { readonly keypair?: { readonly id?: string } };
}

/** @param secret `whsec_…`, by which each must be signed */
export async function openReceiver(secret: string): Promise<Receiver> {
  const webhook = new Webhook(secret);
  const received = new Map<string, number>();
  let rejected = 0;
  const server = createServer(async (request, response) => {
    let payload = '';
    for await (const chunk of request.setEncoding('utf8')) {
      payload += chunk;
    }
    try {
      const { data } = webhook.verify(payload, request.headers as Record<string, string>) as Notice;
      const id = data?.keypair?.id ?? 'none';
      received.set(id, (received.get(id) ?? 0) + 1);
      response.writeHead(204).end();
    } catch {
      rejected++;
      response.writeHead(400).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    rejected: () => rejected,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
