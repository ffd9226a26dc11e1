import { describe, expect, onTestFinished, test } from 'vitest';
import { exchange } from '../dialects/authentik/errors/support/wire.ts';
import { exposure } from '../http/support/exposure.ts';
import { PAIRS, startServer } from '../support/server.ts';

/** docs/hardening.md: a request's head. */
const HEAD_BYTES = 16_384;
/** 100 bytes of name and value, which are what counts. */
const HEADER = `X: ${'x'.repeat(99)}\r\n`;

async function start(trustedProxies: readonly string[] = []) {
  const server = await startServer({ exposure: exposure({ trustedProxies }) });
  onTestFinished(() => server.close());
  const end = `Host: x\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`;
  return { server, end };
}

describe("a request's head", () => {
  test.each([
    ['a target', (size: number) => `GET ${PAIRS}?name=${'x'.repeat(size)} HTTP/1.1\r\n`],
    ['one header', (size: number) => `GET ${PAIRS} HTTP/1.1\r\nX: ${'x'.repeat(size)}\r\n`],
    ['many headers', (size: number) => `GET ${PAIRS} HTTP/1.1\r\n${HEADER.repeat(size / 100)}`],
  ])('of %s is read below 16 KiB, and refused with 431 from there on', async (_what, begin) => {
    const { server, end } = await start();
    expect((await exchange(server, begin(HEAD_BYTES - 1000) + end)).status).toBe(200);
    expect((await exchange(server, begin(HEAD_BYTES + 1000) + end)).status).toBe(431);
  });

  test('is read to its end, where proxies add what is believed, however many headers a client put in front', async () => {
    const { server, end } = await start(['127.0.0.1']);
    const spoofed = `X-Forwarded-For: 192.0.2.66\r\n${'a:\r\n'.repeat(3000)}`;
    const bytes = `GET ${PAIRS} HTTP/1.1\r\n${spoofed}X-Forwarded-For: 203.0.113.9\r\n${end}`;
    expect((await exchange(server, bytes)).status).toBe(200);
    expect(server.log().findLast((line) => 'remoteAddress' in line)).toMatchObject({ remoteAddress: '203.0.113.9' });
  });
});

test('a connection that is idle is kept for 72 seconds', async () => {
  const { server } = await start();
  const answer = await server.request('GET', PAIRS);
  expect(answer.headers.get('keep-alive')).toBe('timeout=72');
});

test('a connection serves as many requests as its client likes, each counted for itself', async () => {
  const { server, end } = await start();
  const many = `GET /api/v3/root/config/ HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(500);
  const { text } = await exchange(server, `${many}GET ${PAIRS} HTTP/1.1\r\n${end}`);
  expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(500);
});
