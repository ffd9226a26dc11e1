import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { listed } from './support.ts';

const { certificate, privateKey } = opensslPair();

let server: TestServer;
let limited: string;
/** A pair, and one whose certificate's text holds a private key. */
let pair: string;
let sealed: string;
beforeAll(async () => {
  server = await startServer();
  limited = await server.tokenWith(['view_certificatekeypair'], { username: 'the limited one' });
  pair = await store({ certificate_data: certificate, key_data: privateKey });
  sealed = await store({ certificate_data: `${certificate}\n${privateKey}` });
});
afterAll(() => server.close());

async function store(fields: object): Promise<string> {
  const response = await server.request('POST', PAIRS, { name: randomUUID(), ...fields });
  return ((await response.json()) as { pk: string }).pk;
}

/** The attempts that were told of since, oldest first, and the status of the last answer. */
async function toldOf(act: () => Promise<Response>) {
  const query = '?action=suspicious_request&ordering=created&page_size=100';
  const before = (await listed(server, query)).pagination['count'] ?? 0;
  const { status } = await act();
  return { status, told: (await listed(server, query)).results.slice(before) };
}

const anonymous = (method: string, path: string) => fetch(server.url + PAIRS + path, { method });
const as = (token: string, method: string, path: string, body?: object) =>
  server.request(method, PAIRS + path, body, { authorization: `Bearer ${token}`, 'user-agent': 'the test' });

test('a private key that somebody put into the path is not kept', async () => {
  const key = encodeURIComponent(`-----BEGIN PRIVATE KEY-----\n${'Ab0+'.repeat(16)}\n-----END PRIVATE KEY-----\n`);
  const { status, told } = await toldOf(() => anonymous('GET', `${key}/view_private_key/`));
  expect(status).toBe(403);
  expect(told).toHaveLength(1);
  expect(told[0]?.context).toMatchObject({ http_request: { path: expect.stringContaining(`${PAIRS}[redacted]`) } });
  expect(JSON.stringify(told)).not.toContain('Ab0');
});

describe('a refused view of a private key is told', () => {
  test('of a caller without the right, who is named', async () => {
    const { status, told } = await toldOf(() => as(limited, 'GET', `${pair}/view_private_key/?download&api_key=x`));
    const pk = pair.replaceAll('-', '');

    expect(status).toBe(403);
    expect(told).toEqual([
      expect.objectContaining({
        user: { username: 'the limited one', pk: expect.any(Number), email: '' },
        action: 'suspicious_request',
        app: 'authentik.crypto.api',
        client_ip: '127.0.0.1',
        token_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        context: {
          message: expect.any(String),
          operation: 'authentik.certificatekeypairs.view_private_key',
          reason: 'PERMISSION_DENIED',
          secret: { pk, app: 'authentik_crypto', model_name: 'certificatekeypair' },
          http_request: {
            method: 'GET',
            path: `${PAIRS}${pair}/view_private_key/`,
            args: { download: '', api_key: '********************' },
            user_agent: 'the test',
            request_id: told[0]?.request_id,
          },
        },
      }),
    ]);
  });

  test.each([
    ['nobody', () => anonymous('GET', `${pair}/view_private_key/`), 'NOT_AUTHENTICATED'],
    ['an unknown token', () => as('unknown', 'GET', `${pair}/view_private_key/`), 'TOKEN_INVALID'],
    ['nobody, by HEAD', () => anonymous('HEAD', `${pair}/view_private_key/`), 'NOT_AUTHENTICATED'],
  ])('of %s, who has no name', async (_who, act, reason) => {
    const { status, told } = await toldOf(act);

    expect(status).toBe(403);
    expect(told).toEqual([expect.objectContaining({ user: {}, token_id: null, client_ip: '127.0.0.1' })]);
    expect(told[0]?.context).toMatchObject({ reason, secret: { pk: pair.replaceAll('-', '') } });
  });

  test('of a pair that is not there, and of what is no id', async () => {
    const unknown = randomUUID();
    const { told } = await toldOf(() => anonymous('GET', `${unknown.toUpperCase()}/view_private_key/`));
    expect(told[0]?.context).toMatchObject({ secret: { pk: unknown.replaceAll('-', '') } });

    const nameless = await toldOf(() => anonymous('GET', 'nope/view_private_key/'));
    expect(nameless.told).toHaveLength(1);
    expect(nameless.told[0]?.context).not.toHaveProperty('secret');
  });

  test('and found by the pair that it was about', async () => {
    await as(limited, 'GET', `${pair}/view_private_key/`);
    const { results } = await listed(server, `?action=suspicious&context_model_pk=${pair}&username=the limited one`);

    expect(results[0]?.context).toMatchObject({ operation: 'authentik.certificatekeypairs.view_private_key' });
  });
});

describe('a refused view of a certificate', () => {
  test('is told where its text holds a private key', async () => {
    const { status, told } = await toldOf(() => as(limited, 'GET', `${sealed}/view_certificate/`));

    expect(status).toBe(403);
    expect(told.map(({ context }) => context['operation'])).toEqual(['authentik.certificatekeypairs.view_certificate']);
  });

  test('is told also of who may view certificates, but no keys', async () => {
    const reader = await server.tokenWith(['view_certificatekeypair', 'view_certificatekeypair_certificate']);
    const { status, told } = await toldOf(() => as(reader, 'GET', `${sealed}/view_certificate/`));

    expect(status).toBe(403);
    expect(told).toMatchObject([
      { context: { operation: 'authentik.certificatekeypairs.view_certificate', reason: 'PERMISSION_DENIED' } },
    ]);
  });

  test.each([
    ['holds none', () => pair],
    ['is unknown', () => randomUUID()],
    ['has no id', () => 'nope'],
  ])('is not told where it %s', async (_what, id) => {
    expect(await toldOf(() => anonymous('GET', `${id()}/view_certificate/`))).toEqual({ status: 403, told: [] });
  });
});

describe('a refused write on a pair', () => {
  test.each([
    ['PUT', 'update'],
    ['PATCH', 'partial_update'],
    ['DELETE', 'destroy'],
  ])('is told: %s', async (method, operation) => {
    for (const act of [() => as(limited, method, `${pair}/`), () => anonymous(method, `${pair}/`)]) {
      const { status, told } = await toldOf(act);

      expect(status).toBe(403);
      expect(told.map(({ context }) => context['operation'])).toEqual([`authentik.certificatekeypairs.${operation}`]);
    }
  });
});

describe('an attempt on a pair that the caller does not see', () => {
  test.each([
    ['GET', 'view_private_key/', 'view_private_key'],
    ['GET', 'view_certificate/', 'view_certificate'],
    ['PUT', '', 'update'],
    ['PATCH', '', 'partial_update'],
    ['DELETE', '', 'destroy'],
  ])('is told, though the answer knows of no such pair: %s %s', async (method, path, operation) => {
    const other = await server.tokenWith([`view_certificatekeypair@${pair}`]);
    const { status, told } = await toldOf(() => as(other, method, `${sealed}/${path}`));

    expect(status).toBe(404);
    expect(told).toMatchObject([
      {
        context: {
          operation: `authentik.certificatekeypairs.${operation}`,
          reason: 'PERMISSION_DENIED',
          secret: { pk: sealed.replaceAll('-', '') },
        },
      },
    ]);
  });

  test('is none where the caller sees it, and only the filters of the query hide it', async () => {
    const seeing = await server.tokenWith([`view_certificatekeypair@${pair}`]);

    expect(await toldOf(() => as(seeing, 'DELETE', `${pair}/?name=nobody`))).toEqual({ status: 404, told: [] });
  });
});

describe('no attempt on a key is', () => {
  test.each([
    ['a refused list', () => anonymous('GET', '')],
    ['a refused creation', () => as(limited, 'POST', '', {})],
    ['a refused read', () => anonymous('GET', `${pair}/`)],
    ['a question what a path is', () => anonymous('OPTIONS', `${pair}/view_private_key/`)],
  ])('%s', async (_what, act) => {
    expect((await toldOf(act)).told).toEqual([]);
  });

  test('what is let through', async () => {
    const { status, told } = await toldOf(() => server.request('GET', `${PAIRS}${pair}/view_private_key/`));

    expect(status).toBe(200);
    expect(told).toEqual([]);
  });
});
