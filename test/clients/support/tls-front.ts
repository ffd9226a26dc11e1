import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { PemPair } from '../../support/openssl.ts';

export interface TlsFront {
  /** Address and port. */
  readonly host: string;
  close(): Promise<void>;
}

/** Ends TLS in front of a server, as a proxy does, and tells it so: for clients that speak nothing else. */
export async function startTlsFront(url: string, { certificate, privateKey }: PemPair): Promise<TlsFront> {
  const front = createServer({ cert: certificate, key: privateKey }, async (incoming, outgoing) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https' };
    const passed = request(url, { method: incoming.method, path: incoming.url, headers, agent: false });
    try {
      const [[answer]] = await Promise.all([once(passed, 'response'), pipeline(incoming, passed)]);
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      await pipeline(answer, outgoing);
    } catch {
      outgoing.destroy();
    }
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    host: `127.0.0.1:${(front.address() as AddressInfo).port}`,
    async close() {
      front.close();
      front.closeAllConnections();
      await once(front, 'close');
    },
  };
}
