import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';

const VIEW = 'view_certificatekeypair';
const CHANGE = 'change_certificatekeypair';
const VIEW_CERTIFICATE = 'view_certificatekeypair_certificate';
const VIEW_KEY = 'view_certificatekeypair_key';
const HIDDEN = 'goauthentik.io/crypto/jwt-managed';

const DENIED = [403, { detail: 'You do not have permission to perform this action.' }];
const NO_PAIR = [404, { detail: 'No CertificateKeyPair matches the given query.' }];
const BROKEN_FILTER = [400, { key_type: [expect.stringContaining('Select a valid choice.')] }];

const { certificate, privateKey } = opensslPair('rights.example');

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

let pairs = 0;
async function makePair(fields: object = {}): Promise<string> {
  pairs += 1;
  const body = { name: `pair ${pairs}`, certificate_data: certificate, key_data: privateKey, ...fields };
  const created = await server.request('POST', PAIRS, body);
  expect(created.status).toBe(201);
  return ((await created.json()) as { pk: string }).pk;
}

/** Sends a request with a token that may do this and nothing else. */
async function as(grants: readonly string[], method: string, path: string, body?: unknown) {
  const token = await server.tokenWith(grants);
  const response = await server.request(method, path, body, { authorization: `Bearer ${token}` });
  const sent = await response.text();
  return [response.status, response.headers.get('content-type') === 'application/json' ? JSON.parse(sent) : sent];
}

let id: string;
beforeEach(async () => {
  id = await makePair();
});

describe('the filters of a query act', () => {
  const isEc = 'key_type=ec';

  test('before the right on a pair that is seen, and after that anything is seen', async () => {
    const path = `${PAIRS}${id}/`;
    expect(await as([`${VIEW}@${id}`], 'DELETE', `${path}?${isEc}`)).toEqual(DENIED);
    expect(await as([`${VIEW}@${id}`], 'DELETE', `${path}?key_type=nope`)).toEqual(BROKEN_FILTER);
    expect(await as([`${VIEW}@${id}`], 'DELETE', `${path}?key_type=rsa`)).toEqual(NO_PAIR);
    expect(await as([VIEW], 'DELETE', `${path}?key_type=nope`)).toEqual(BROKEN_FILTER);
    expect(await as([CHANGE], 'DELETE', `${path}?key_type=nope`)).toEqual(DENIED);
    expect(await as([CHANGE], 'GET', `${PAIRS}?key_type=nope`)).toEqual(DENIED);
  });

  test('on no used_by, where a broken one too is passed over', async () => {
    expect(await as([`${VIEW}@${id}`], 'GET', `${PAIRS}${id}/used_by/?key_type=nope&name=another`)).toEqual([200, []]);
  });
});

describe('a caller who may view some pairs', () => {
  test('lists them alone: count, pages, filters and search are theirs', async () => {
    const ids = [await makePair(), await makePair(), await makePair()];
    await makePair();
    const grants = ids.map((each) => `${VIEW}@${each}`);
    const listed = async (query: string) => {
      const [status, page] = await as(grants, 'GET', `${PAIRS}?${query}`);
      const { pagination, results } = page as {
        pagination: { count: number; total_pages: number };
        results: { pk: string }[];
      };
      return [status, pagination.count, pagination.total_pages, results.map(({ pk }) => pk).sort()];
    };

    expect(await listed('')).toEqual([200, 3, 1, [...ids].sort()]);
    expect(await listed('page_size=2&page=2')).toEqual([200, 3, 2, [expect.any(String)]]);
    expect(await listed('search=pair')).toEqual([200, 3, 1, [...ids].sort()]);
    expect(await listed('key_type=rsa')).toEqual([200, 0, 1, []]);
    expect(await listed('ordering=-cert_expiry,name&has_key=true')).toEqual([200, 3, 1, [...ids].sort()]);
  });

  test.each([
    ['upper case', (text: string) => text.toUpperCase()],
    ['no dashes', (text: string) => text.replaceAll('-', '')],
    ['a URN', (text: string) => `urn:uuid:${text}`],
  ])('gets at them by their id in any form: %s', async (_form, write) => {
    const [status, pair] = await as([`${VIEW}@${id}`], 'GET', `${PAIRS}${encodeURIComponent(write(id))}/`);
    expect([status, (pair as { pk: string }).pk]).toEqual([200, id]);
  });

  test('sees nothing where those are hidden, or are another API’s', async () => {
    for (const change of [`managed = '${HIDDEN}'`, `realm = 'strata'`]) {
      const away = await makePair();
      await server.database.query(`UPDATE keypairs SET ${change} WHERE id = $1`, [away]);
      for (const path of [PAIRS, `${PAIRS}${away}/`, `${PAIRS}${away}/used_by/`, `${PAIRS}not-a-uuid/`]) {
        expect(await as([`${VIEW}@${away}`], 'GET', path), path).toEqual(DENIED);
      }
      expect(await as([`${VIEW}@${away}`, `${VIEW}@${id}`], 'GET', `${PAIRS}${away}/`)).toEqual(NO_PAIR);
      await server.database.query('DELETE FROM keypairs WHERE id = $1', [away]);
    }
  });

  test('is shown that it may write where it may, whatever the query', async () => {
    const options = async (grants: readonly string[], query = '') => {
      const [, body] = await as(grants, 'OPTIONS', `${PAIRS}${id}/${query}`);
      return Object.keys((body as { actions?: object }).actions ?? {});
    };
    expect(await options([`${VIEW}@${id}`, `${CHANGE}@${id}`])).toEqual(['PUT']);
    expect(await options([`${VIEW}@${id}`, CHANGE])).toEqual(['PUT']);
    expect(await options([VIEW])).toEqual([]);
    expect(await options([`${CHANGE}@${id}`])).toEqual([]);
    expect(await options([`${VIEW}@${id}`, `${CHANGE}@${id}`], '?key_type=nope')).toEqual([]);
  });
});

test('whoever may not change a pair is told so before the body is sent', async () => {
  const token = await server.tokenWith([VIEW]);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const answer = text(socket);
  socket.write(
    `PUT ${PAIRS}${id}/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: text/plain\r\nContent-Length: 999999999\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.end();

  expect(await answer).toMatch(/^HTTP\/1\.1 403 /);
});

test('whoever may view all is shown an empty list of an empty store, and that there is no such pair', async () => {
  const empty = await startServer();
  try {
    const headers = { authorization: `Bearer ${await empty.tokenWith([VIEW])}` };
    const list = await empty.request('GET', PAIRS, undefined, headers);
    expect([list.status, await list.json()]).toMatchObject([200, { pagination: { count: 0 }, results: [] }]);
    expect((await empty.request('GET', `${PAIRS}${id}/`, undefined, headers)).status).toBe(404);
  } finally {
    await empty.close();
  }
});

describe('a certificate text that holds a private key', () => {
  const both = `${certificate}${privateKey}`;

  test('is viewed by whoever may view both, and by nobody else', async () => {
    const holding = await makePair({ certificate_data: both, key_data: '' });
    for (const query of ['', '?download']) {
      const path = `${PAIRS}${holding}/view_certificate/${query}`;
      expect(await as([VIEW, VIEW_CERTIFICATE], 'GET', path)).toEqual(DENIED);
      expect(await as([VIEW, VIEW_KEY], 'GET', path)).toEqual(DENIED);
      expect(await as([VIEW, VIEW_CERTIFICATE, `${VIEW_KEY}@${id}`], 'GET', path)).toEqual(DENIED);
      const [status, shown] = await as([VIEW, VIEW_CERTIFICATE, `${VIEW_KEY}@${holding}`], 'GET', path);
      expect(status).toBe(200);
      expect(JSON.stringify(shown)).toContain('PRIVATE KEY');
    }
    // What shows no text needs nothing more, and another pair's certificate neither.
    expect((await as([VIEW], 'GET', `${PAIRS}${holding}/`))[0]).toBe(200);
    expect((await as([VIEW, VIEW_CERTIFICATE], 'GET', `${PAIRS}${id}/view_certificate/`))[0]).toBe(200);
  });

  test('is not shown either while it takes the place of one without', async () => {
    const token = await server.tokenWith([VIEW, VIEW_CERTIFICATE]);
    const answers = new Map<number, number>();
    let leaks = 0;
    let isDone = false;
    const reading = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        const headers = { authorization: `Bearer ${token}` };
        const response = await server.request('GET', `${PAIRS}${id}/view_certificate/`, undefined, headers);
        leaks += (await response.text()).includes('PRIVATE KEY') ? 1 : 0;
        answers.set(response.status, (answers.get(response.status) ?? 0) + 1);
      }
    });
    for (let turn = 0; turn < 60; turn += 1) {
      await server.request('PATCH', `${PAIRS}${id}/`, { certificate_data: turn % 2 === 0 ? both : certificate });
    }
    isDone = true;
    await Promise.all(reading);

    expect(leaks).toBe(0);
    expect([...answers.keys()].sort()).toEqual([200, 403]);
    process.stdout.write(`views of a text that changes: ${answers.get(200)} shown, ${answers.get(403)} refused\n`);
  });
});

test('a token is let in where it reaches, beside other realms too', async () => {
  const token = await server.tokenWith([VIEW], { reach: ['strata:1234567890', 'authentik'] });
  const list = await server.request('GET', PAIRS, undefined, { authorization: `Bearer ${token}` });
  expect(list.status).toBe(200);
});
