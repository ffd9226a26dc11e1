import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describedFetch } from '../support/contract/described-fetch.ts';
import { recordAnswers } from '../support/contract/recorder.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('a server in a test', () => {
  test('refuses to close quietly after an answer that is described nowhere', async () => {
    const server = await startServer({}, undefined, (app) => {
      app.get('/api/v3/secrets/', async () => ({ secret: 'told' }));
    });
    expect((await server.request('GET', '/api/v3/secrets/')).status).toBe(200);
    expect((await server.request('GET', '/api/v3/secrets/')).status).toBe(200);

    await expect(server.close()).rejects.toThrow(
      'GET /api/v3/secrets/ 200 (and 1 more like it)\n    openapi.yaml: the path is not described',
    );
  });

  test('refuses to close quietly after a mistake of the server, unless the test foresaw it', async () => {
    const servers = await Promise.all([startServer(), startServer()]);
    servers[1].foreseeMistakes();
    for (const server of servers) {
      await server.database.query('ALTER TABLE keypairs RENAME TO elsewhere');
      expect((await server.request('GET', PAIRS)).status).toBe(500);
    }

    await expect(servers[0].close()).rejects.toThrow('a mistake of the server that no test foresaw');
    await expect(servers[1].close()).resolves.toBeUndefined();
  });

  test('counts what it answered, and closes quietly where all was described', async () => {
    const server = await startServer();
    await server.request('GET', PAIRS);
    await server.request('GET', `${PAIRS}?page=9`);
    await server.request('GET', `${PAIRS}?search=%00`);
    await server.request('OPTIONS', '/api/v3/schema/');

    await expect(server.close()).resolves.toBeUndefined();
    expect(server.validated).toEqual({ all: 4, described: 1, undescribed: 1, exception: 1, unrelated: 1 });
  });
});

describe('an answer is judged as it was sent', () => {
  /** A bare server whose answers are judged. */
  async function record(respond: RequestListener) {
    const server = createServer(respond);
    const log = recordAnswers(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    return { log, port, url: `http://127.0.0.1:${port}` };
  }
  const text = JSON.stringify({ detail: 'Not for Zoë.' });

  test('in one piece, in several, as text of any encoding and as bytes', async () => {
    const bytes = Buffer.from(text);
    const cut = bytes.indexOf('ë') + 1;
    const { log, url } = await record((request, response) => {
      if (request.headers['x-pieces'] === undefined) {
        response.writeHead(403, { 'content-type': 'application/json' }).end(text);
        return;
      }
      response.writeHead(403, 'Forbidden', ['Content-Type', 'application/json']);
      // A character is cut in two, and the buffer is used again.
      const piece = Buffer.from(bytes.subarray(0, cut));
      response.write(piece, () => {
        piece.fill(0);
        response.end(bytes.subarray(cut).toString('hex'), 'hex');
      });
    });
    expect(await (await fetch(url + PAIRS)).text()).toBe(text);
    expect(await (await fetch(url + PAIRS, { headers: { 'x-pieces': '' } })).text()).toBe(text);

    log.assertDescribed();
    expect(log.counts).toMatchObject({ all: 2, described: 2 });
  });

  test('an answer that breaks off is none', async () => {
    let isCut = false;
    const { log, port } = await record((_request, response) => {
      response.once('close', () => {
        isCut = true;
      });
      response.writeHead(200, ['content-type', 'application/json']);
      response.write('{"pagination":');
    });
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${PAIRS} HTTP/1.1\r\nHost: x\r\n\r\n`));
    socket.once('data', () => socket.destroy());
    await until(() => isCut);

    log.assertDescribed();
    expect(log.counts.all).toBe(0);
  });

  test('by describedFetch too, for a server in another process', async () => {
    const { url } = await record((request, response) => {
      response.statusCode = 403;
      response.setHeader('content-type', 'application/json').end(request.method === 'GET' ? text : '{}');
    });

    expect(await (await describedFetch(url + PAIRS)).json()).toEqual(JSON.parse(text));
    await expect(describedFetch(url + PAIRS, { method: 'POST' })).rejects.toThrow(`POST ${url}${PAIRS} 403`);
  });
});
