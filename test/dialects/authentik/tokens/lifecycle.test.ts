import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { generateToken } from '../../../../src/access/index.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { as, ask, made, TOKENS } from './support/api.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe('a token that is not let in', () => {
  const expire = (identifier: string) =>
    server.database.query(`UPDATE tokens SET expires_at = now() - interval '1 second' WHERE identifier = $1`, [
      identifier,
    ]);

  async function answerTo(key: string, method: string, path: string) {
    const answer = await server.request(method, path, undefined, { authorization: `Bearer ${key}` });
    const { date: _, 'x-authentik-id': id, ...headers } = Object.fromEntries(answer.headers);
    const lines = () => server.log().filter(({ reqId }) => reqId === id);
    // Its line of log is written when the answer was sent.
    await until(() => lines().length > 0);
    const log = lines().map((line) => ({ ...line, time: 0, reqId: '', responseTime: 0, remoteAddress: '' }));
    return { status: answer.status, headers, body: await answer.text(), log };
  }

  it.each([
    ['GET', PAIRS],
    ['POST', PAIRS],
    ['GET', `${PAIRS}${randomUUID()}/view_private_key/`],
    ['OPTIONS', PAIRS],
    ['GET', TOKENS],
    ['DELETE', `${TOKENS}bootstrap/`],
    ['GET', '/api/v3/root/config/'],
  ])('reads alike at %s %s, whether it is unknown, expired, revoked or of another realm', async (method, path) => {
    const expired = await made(server, { is_superuser: true });
    await expire(expired.identifier);
    const revoked = await made(server, { is_superuser: true });
    await ask(server, 'DELETE', `${TOKENS}${revoked.identifier}/`);
    const elsewhere = await made(server, { is_superuser: true, reach: ['strata', 'astra:1'] });
    const unknown = await answerTo(generateToken(), method, path);

    expect(unknown).toMatchObject({ status: 403, body: '{"detail":"Token invalid/expired"}' });
    for (const { key } of [expired, revoked, elsewhere]) {
      expect(await answerTo(key, method, path)).toEqual(unknown);
    }
  });
});

describe('a revocation', () => {
  it('holds at once in the server that was asked, and within five seconds in another one, for reads and for writes', async () => {
    const other = await startServer({ kek: server.kek, bootstrapToken: server.token }, server.database);
    try {
      const { key, identifier } = await made(server, { username: randomUUID(), permissions: ['add_token'] });
      const read = (at: TestServer) => as(at, key, 'GET', TOKENS);
      const write = (at: TestServer) => as(at, key, 'POST', TOKENS, { identifier: randomUUID() });
      // Both remember the token from here on.
      expect([(await read(server)).status, (await read(other)).status]).toEqual([200, 200]);

      expect((await ask(server, 'DELETE', `${TOKENS}${identifier}/`)).status).toBe(204);
      const revoked = performance.now();
      expect([(await read(server)).status, (await write(server)).status, (await write(other)).status]).toEqual([
        403, 403, 403,
      ]);
      await until(async () => (await read(other)).status === 403, revoked + 5100 - performance.now());
    } finally {
      await other.close();
    }
  });
});

describe('the last use of a token', () => {
  const lastUse = async (identifier: string) =>
    (await ask(server, 'GET', `${TOKENS}${identifier}/`)).body as { last_used: string | null };

  test('is written when its server ends, without a write before, and never back to an earlier time', async () => {
    const other = await startServer({ kek: server.kek, bootstrapToken: server.token }, server.database);
    const [used, unused, ahead] = [await made(server), await made(server), await made(server)];
    const future = '2126-01-31T12:00:00Z';
    await server.database.query('UPDATE tokens SET last_used_at = $2 WHERE identifier = $1', [
      ahead.identifier,
      future,
    ]);
    const before = Date.now();
    for (const { key } of [used, used, ahead]) {
      expect((await as(other, key, 'GET', TOKENS)).status).toBe(200);
    }
    expect(await lastUse(used.identifier)).toMatchObject({ last_used: null });
    await other.close();

    const { last_used } = await lastUse(used.identifier);
    expect(Date.parse(last_used ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(last_used ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await lastUse(unused.identifier)).toMatchObject({ last_used: null });
    expect(await lastUse(ahead.identifier)).toMatchObject({ last_used: future });
  });
});
