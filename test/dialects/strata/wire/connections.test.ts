import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { expectEnvelope, NOT_PRESENT, UNKNOWN_ID } from '../support/envelope.ts';
import { CURRENT, LEGACY, type Shown, soundBody } from '../support/generate.ts';
import { openConnection, sendAlone } from './support/connection.ts';
import { JSON_TYPE, jsonOf, type Listed, lengthOf } from './support/requests.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const head = (line: string, ...more: readonly string[]) => [
  `${line} HTTP/1.1`,
  `Authorization: Bearer ${server.token}`,
  ...more,
];

/** A body in chunks of a few bytes (RFC 9112 §7.1). */
const inChunks = (text: string) =>
  `${(text.match(/.{1,7}/gs) ?? []).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;

describe.each([CURRENT, LEGACY])('%s', (path) => {
  test('one connection serves on over every error that its requests are answered with', async () => {
    const connection = await openConnection(server.url);
    const withBody = (line: string, body: string, ...more: readonly string[]) =>
      connection.send(head(line, JSON_TYPE, lengthOf(body), ...more), body);
    const statuses = [
      await withBody(`POST ${path}`, '{'),
      await withBody(`POST ${path}`, '{}'),
      await connection.send(head(`GET ${path}`)),
      await connection.send(head(`GET ${path}?folder=Shared`, 'Accept: text/html')),
      await connection.send([`GET ${path}?folder=Shared HTTP/1.1`]),
      await connection.send(head(`GET ${path}/${UNKNOWN_ID}`)),
      await connection.send(head(`DELETE ${path}/${UNKNOWN_ID}`, JSON_TYPE)),
      await withBody(`POST ${path}:move`, '{}'),
      await withBody(`PUT ${path}/${UNKNOWN_ID}`, '{}'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 400, 400, 401, 404, 404, 405, 501]);
    expect(jsonOf<Listed>(await connection.send(head(`GET ${path}?folder=Empty`)), 200).total).toBe(0);
    expect(connection.isOpen).toBe(true);
    connection.close();
  });

  test('HEAD has the length of what GET has, and no body behind it', async () => {
    const connection = await openConnection(server.url);
    const line = `${path}?folder=None`;
    const shown = await connection.send(head(`GET ${line}`));
    const { status, headers } = await connection.send(head(`HEAD ${line}`));
    expect([status, headers['content-length'], headers['content-type']]).toEqual([
      200,
      String(Buffer.byteLength(shown.text)),
      'application/json',
    ]);
    // What would follow it would be taken for the next answer.
    expectEnvelope(await connection.send(head(`GET ${path}/${UNKNOWN_ID}`)), NOT_PRESENT);
    connection.close();
  });

  test('a body comes in chunks as well', async () => {
    const body = soundBody();
    const request = head(`POST ${path}`, JSON_TYPE, 'Transfer-Encoding: chunked');
    const made = jsonOf<Shown>(await sendAlone(server.url, request, inChunks(JSON.stringify(body))), 201);
    expect(made.name).toBe(body['certificate_name']);
  });

  test('a client that waits for 100 Continue is told to go on before it sends its body', async () => {
    const connection = await openConnection(server.url);
    const body = JSON.stringify(soundBody());
    const request = head(`POST ${path}`, JSON_TYPE, lengthOf(body), 'Expect: 100-continue');
    expect((await connection.send(request)).status).toBe(100);
    expect(jsonOf<Shown>(await connection.write(body), 201).folder).toBe('Shared');
    connection.close();
  });
});
