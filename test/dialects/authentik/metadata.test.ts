import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pair: string;
beforeAll(async () => {
  server = await startServer();
  const { certificate } = opensslPair();
  const created = await server.request('POST', PAIRS, { name: 'described', certificate_data: certificate });
  pair = `${PAIRS}${((await created.json()) as { pk: string }).pk}/`;
});
afterAll(() => server.close());

const UNKNOWN = `${PAIRS}00000000-0000-4000-8000-00000000dead/`;

interface Metadata {
  readonly name: string;
  readonly renders: readonly string[];
  readonly parses: readonly string[];
  readonly actions?: Readonly<Record<string, Readonly<Record<string, { readonly read_only: boolean }>>>>;
}

async function describePath(path: string, headers: Record<string, string> = {}) {
  const response = await server.request('OPTIONS', path, undefined, headers);
  return { status: response.status, allow: response.headers.get('allow'), body: (await response.json()) as Metadata };
}

describe('OPTIONS', () => {
  test.each([
    ['the list', () => PAIRS, 'Certificate Key Pair List', 'GET, POST, HEAD, OPTIONS', 'POST'],
    ['generate', () => `${PAIRS}generate/`, 'Generate', 'POST, OPTIONS', 'POST'],
    ['a pair', () => pair, 'Certificate Key Pair Instance', 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS', 'PUT'],
    ['a certificate', () => `${pair}view_certificate/`, 'View certificate', 'GET, HEAD, OPTIONS', undefined],
    ['a private key', () => `${pair}view_private_key/`, 'View private key', 'GET, HEAD, OPTIONS', undefined],
    ['its users', () => `${pair}used_by/`, 'Used by', 'GET, HEAD, OPTIONS', undefined],
    ['the configuration', () => '/api/v3/root/config/', 'Config', 'GET, HEAD, OPTIONS', undefined],
  ])('names %s, its methods, and what a caller may write there', async (_what, path, name, allow, writes) => {
    const described = await describePath(path());

    expect(described).toMatchObject({
      status: 200,
      allow,
      body: { name, renders: ['application/json'], parses: ['application/json'] },
    });
    expect(Object.keys(described.body.actions ?? {})).toEqual(writes === undefined ? [] : [writes]);
  });

  test('tells the fields of a pair, and which of them are written', async () => {
    const { body } = await describePath(PAIRS);
    const fields = body.actions?.['POST'] ?? {};
    const created = await server.request('GET', pair);

    expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys((await created.json()) as object)));
    const written = Object.keys(fields).filter((field) => fields[field]?.read_only === false);
    expect(written).toEqual(['name', 'certificate_data', 'key_data']);
  });

  test.each([
    ['is unknown', () => UNKNOWN],
    ['is no id', () => `${PAIRS}not-a-uuid/`],
    ['does not pass the filters', () => `${pair}?name=another`],
    ['is asked for with a broken filter', () => `${pair}?key_type=nope`],
  ])('of a pair that %s is answered, without what could be written', async (_what, path) => {
    const { status, body } = await describePath(path());

    expect(status).toBe(200);
    expect(body).not.toHaveProperty('actions');
  });

  test('names every media type of the schema', async () => {
    const { body } = await describePath('/api/v3/schema/');

    expect(body.renders).toEqual([
      'application/vnd.oai.openapi',
      'application/yaml',
      'application/vnd.oai.openapi+json',
      'application/json',
    ]);
  });
});

describe('without a token', () => {
  const anonymous = (method: string, path: string) => fetch(server.url + path, { method });

  test.each([
    ['a pair', () => pair],
    ['an unknown pair', () => UNKNOWN],
    ['what is no id', () => `${PAIRS}not-a-uuid/`],
  ])('OPTIONS of %s is answered, and names nothing to write', async (_what, path) => {
    const response = await anonymous('OPTIONS', path());

    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty('actions');
  });

  test.each([
    ['the list', () => PAIRS],
    ['generate', () => `${PAIRS}generate/`],
    ['a certificate', () => `${pair}view_certificate/`],
    ['a private key', () => `${pair}view_private_key/`],
  ])('OPTIONS of %s asks who is calling', async (_what, path) => {
    const response = await anonymous('OPTIONS', path());

    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ detail: 'Authentication credentials were not provided.' });
  });
});
