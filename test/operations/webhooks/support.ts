import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { WebhookConfig } from '../../../src/config.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** How often each message came, by its id. */
  counts(): Map<string, number>;
}

type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void;

export const answers =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end();
  };

/** A receiver of webhooks on the loopback, that ends with the test. */
export async function startReceiver(answer: Answer = answers(204), host = '127.0.0.1'): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({
        ...{ method, path: url, body: Buffer.concat(chunks).toString() },
        headers: headers as Record<string, string>,
      });
      answer(response, request, received.length);
    });
    request.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`, port, received },
    counts() {
      const counts = new Map<string, number>();
      for (const { headers } of received) {
        const id = headers['webhook-id'] ?? '';
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** One of nobody else's, which no log may show. */
export function aSecret(bytes = 32): string {
  const secret = `whsec_${randomBytes(bytes).toString('base64')}`;
  registerSecret('webhook', secret);
  return secret;
}

export const LOOPBACK = ['127.0.0.0/8', '::1'];

export function webhookTo(url: string, overrides: Partial<WebhookConfig> = {}): WebhookConfig {
  return { url, secrets: [aSecret()], privateNetworks: LOOPBACK, ...overrides };
}
