import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { startServer, type TestServer } from './server.ts';
import { until } from './until.ts';

const CHANNEL = 'fastify.initialization';

export interface SlowBodies {
  readonly server: TestServer;
  /** How many requests so far were let through by their head. */
  letThrough(): number;
  /** Sends a request of which the body ends only when `meanwhile` is done. */
  slowly(
    key: string,
    method: string,
    path: string,
    body: object,
    meanwhile: () => Promise<unknown>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** A server that tells when a request's head was let through and its body is being waited for. */
export async function startForSlowBodies(): Promise<SlowBodies> {
  let waiting = 0;
  /** Before any plugin is there: it runs in every one, after the hooks that decide by the head. */
  const countHeads = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook('preParsing', async () => {
      waiting++;
    });
  };
  subscribe(CHANNEL, countHeads);
  const server = await startServer().finally(() => unsubscribe(CHANNEL, countHeads));

  return {
    server,
    letThrough: () => waiting,
    async slowly(key, method, path, body, meanwhile) {
      const text = JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': text.length,
      };
      const before = waiting;
      const request = sendRequest(server.url + path, { method, headers });
      request.write(text.slice(0, 1));
      await until(() => waiting > before);
      await meanwhile();
      request.end(text.slice(1));
      const [response] = await once(request, 'response');
      return { status: response.statusCode, body: JSON.parse(Buffer.concat(await response.toArray()).toString()) };
    },
  };
}
