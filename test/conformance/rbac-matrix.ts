import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The matrix of contract §2 as it stands there. Nothing of the server is imported: what it promises is written down, not looked up. */

/** A server that was started for these tests alone. */
export interface MatrixServer {
  readonly url: string;
  /** Has every right. */
  readonly token: string;
  /** A new token with these permissions alone, `@` and a pair's id behind those that are held on one. */
  tokenWith(grants: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** The texts of a certificate and its key. */
export interface MatrixTexts {
  readonly certificate: string;
  readonly privateKey: string;
}

const PAIRS = '/api/v3/crypto/certificatekeypairs/';
const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

const V = 'authentik_crypto.view_certificatekeypair';
const ADD = 'authentik_crypto.add_certificatekeypair';
const CHANGE = 'authentik_crypto.change_certificatekeypair';
const DELETE = 'authentik_crypto.delete_certificatekeypair';
const CERT = 'authentik_crypto.view_certificatekeypair_certificate';
const KEY = 'authentik_crypto.view_certificatekeypair_key';
const ALL = [V, ADD, CHANGE, DELETE, CERT, KEY];

const DENIED = [403, { detail: 'You do not have permission to perform this action.' }] as const;
const NO_PAIR = [404, { detail: 'No CertificateKeyPair matches the given query.' }] as const;
const NO_ID = [404, { detail: 'Not found.' }] as const;

interface Deed {
  readonly what: string;
  readonly method: string;
  /** `{id}` stands for the pair. */
  readonly path: string;
  readonly body?: object;
  /** The permissions without any of which it is refused. */
  readonly needs: readonly string[];
  /** Whether they may be held on the pair alone. */
  readonly onPair: boolean;
  /** What it is answered with them. */
  readonly status: number;
}

const on = (method: string, path: string) => ({ method, path: `${PAIRS}{id}/${path}`, onPair: true });
const onList = (method: string, path = '') => ({ method, path: `${PAIRS}${path}`, onPair: false });

function deeds({ certificate }: MatrixTexts): readonly Deed[] {
  return [
    { what: 'lists', ...onList('GET'), onPair: true, needs: [V], status: 200 },
    {
      what: 'creates',
      ...onList('POST'),
      body: { name: '', certificate_data: certificate },
      needs: [ADD],
      status: 201,
    },
    {
      what: 'generates',
      ...onList('POST', 'generate/'),
      body: { common_name: '', validity_days: 1, alg: 'ecdsa' },
      needs: [ADD],
      status: 200,
    },
    { what: 'retrieves', ...on('GET', ''), needs: [V], status: 200 },
    {
      what: 'replaces',
      ...on('PUT', ''),
      body: { name: '', certificate_data: certificate },
      needs: [V, CHANGE],
      status: 200,
    },
    { what: 'changes', ...on('PATCH', ''), body: { name: '' }, needs: [V, CHANGE], status: 200 },
    { what: 'deletes', ...on('DELETE', ''), needs: [V, DELETE], status: 204 },
    { what: 'views the certificate', ...on('GET', 'view_certificate/'), needs: [V, CERT], status: 200 },
    { what: 'downloads the certificate', ...on('GET', 'view_certificate/?download'), needs: [V, CERT], status: 200 },
    { what: 'views the key', ...on('GET', 'view_private_key/'), needs: [V, KEY], status: 200 },
    { what: 'downloads the key', ...on('GET', 'view_private_key/?download'), needs: [V, KEY], status: 200 },
    { what: 'sees what uses it', ...on('GET', 'used_by/'), needs: [V], status: 200 },
    { what: 'learns that the list has no PUT', ...onList('PUT'), body: {}, needs: [CHANGE], status: 405 },
    { what: 'learns that the list has no PATCH', ...onList('PATCH'), body: {}, needs: [CHANGE], status: 405 },
    { what: 'learns that the list has no DELETE', ...onList('DELETE'), needs: [DELETE], status: 405 },
  ];
}

/**
 * The columns of the matrix by its rows. A row's rights are held globally, or with `@1` on the first of two pairs; its statuses are those of
 * list, first pair, second pair, unknown id, bad id, create, generate, PUT, PATCH, DELETE, view_certificate, view_private_key, used_by. The
 * last six are of the first pair.
 */
const COLUMNS = [
  'list',
  'first',
  'second',
  'unknown',
  'bad',
  'create',
  'generate',
  'put',
  'patch',
  'delete',
  'certificate',
  'key',
  'used_by',
];
const ROWS: readonly (readonly [rights: readonly string[], statuses: string])[] = [
  [[], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[ADD], '403 403 403 403 403 201 200 403 403 403 403 403 403'],
  [[`${ADD}@1`], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[CHANGE], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[DELETE], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[CERT, KEY], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[`${CERT}@1`, `${KEY}@1`], '403 403 403 403 403 403 403 403 403 403 403 403 403'],
  [[V], '200 200 200 404 404 403 403 403 403 403 403 403 200'],
  [[`${V}@1`], '200 200 404 404 404 403 403 403 403 403 403 403 200'],
  [[V, CHANGE], '200 200 200 404 404 403 403 200 200 403 403 403 200'],
  [[V, DELETE], '200 200 200 404 404 403 403 403 403 204 403 403 200'],
  [[V, CERT], '200 200 200 404 404 403 403 403 403 403 200 403 200'],
  [[V, KEY], '200 200 200 404 404 403 403 403 403 403 403 200 200'],
  [[V, `${CHANGE}@1`], '200 200 200 404 404 403 403 200 200 403 403 403 200'],
  [[`${V}@1`, CHANGE], '200 200 404 404 404 403 403 200 200 403 403 403 200'],
  [[`${V}@1`, `${DELETE}@1`], '200 200 404 404 404 403 403 403 403 204 403 403 200'],
  [[`${V}@1`, `${CERT}@1`], '200 200 404 404 404 403 403 403 403 403 200 403 200'],
  [[`${V}@1`, `${KEY}@1`], '200 200 404 404 404 403 403 403 403 403 403 200 200'],
  [ALL, '200 200 200 404 404 201 200 200 200 204 200 200 200'],
];

/** Declares the tests of the matrix. */
export function testMatrix(start: () => Promise<MatrixServer>, texts: MatrixTexts): void {
  let server: MatrixServer;
  let counted = 0;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  const freshName = () => {
    counted += 1;
    return `matrix ${counted}`;
  };

  async function send(token: string, method: string, path: string, body?: object): Promise<readonly [number, unknown]> {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(named(body)) }),
    });
    const text = await response.text();
    return [response.status, response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text];
  }

  /** Names are unique: a blank stands for one that nobody has. */
  function named(body: object): object {
    const names = Object.entries(body).filter(([, value]) => value === '');
    return { ...body, ...Object.fromEntries(names.map(([key]) => [key, freshName()])) };
  }

  async function makePair(name = ''): Promise<string> {
    const body = { name, certificate_data: texts.certificate, key_data: texts.privateKey };
    const [status, pair] = await send(server.token, 'POST', PAIRS, body);
    expect(status).toBe(201);
    return (pair as { pk: string }).pk;
  }

  /** A deed on a pair of its own, under these permissions; `@1` stands for that pair. */
  async function attempt(deed: Deed, rights: readonly string[]) {
    const id = await makePair();
    const token = await server.tokenWith(rights.map((right) => right.replace(/@1$/, `@${id}`)));
    const answer = await send(token, deed.method, deed.path.replace('{id}', id), deed.body);
    return { answer, id, token };
  }

  describe.each(deeds(texts))('whoever $what', (deed) => {
    test('needs no more than it needs, and each of it', async () => {
      expect((await attempt(deed, deed.needs)).answer[0]).toBe(deed.status);
      expect((await attempt(deed, [])).answer).toEqual(DENIED);
      for (const taken of deed.needs) {
        expect(
          (
            await attempt(
              deed,
              deed.needs.filter((right) => right !== taken),
            )
          ).answer,
          `without ${taken}`,
        ).toEqual(DENIED);
        const others = ALL.filter((right) => right !== taken);
        expect((await attempt(deed, others)).answer, `with all but ${taken}`).toEqual(DENIED);
      }
    });

    test('may hold it on the pair alone, or not at all so', async () => {
      const held = deed.needs.map((right) => `${right}@1`);
      const { answer, token } = await attempt(deed, held);
      if (!deed.onPair) {
        expect(answer).toEqual(DENIED);
        return;
      }
      expect(answer[0]).toBe(deed.status);
      for (const taken of held) {
        const rest = await attempt(
          deed,
          held.filter((right) => right !== taken),
        );
        expect(rest.answer, `without ${taken}`).toEqual(DENIED);
      }
      if (deed.path.includes('{id}')) {
        const other = await makePair();
        const beyond = await send(token, deed.method, deed.path.replace('{id}', other), deed.body);
        // Where the deed was to delete, nothing is left that is seen.
        expect(beyond).toEqual(deed.method === 'DELETE' ? DENIED : NO_PAIR);
      }
    });
  });

  test.each(ROWS)('whoever holds %j is answered as in the matrix', async (rights, statuses) => {
    const names = [freshName(), freshName()] as const;
    const [first, second] = [await makePair(names[0]), await makePair(names[1])];
    const token = await server.tokenWith(rights.map((right) => right.replace(/@1$/, `@${first}`)));
    const body = { name: '', certificate_data: texts.certificate };
    const requests: readonly (readonly [string, string, object?])[] = [
      ['GET', PAIRS],
      ['GET', `${PAIRS}${first}/`],
      ['GET', `${PAIRS}${second}/`],
      ['GET', `${PAIRS}${UNKNOWN}/`],
      ['GET', `${PAIRS}not-a-uuid/`],
      ['POST', PAIRS, body],
      ['POST', `${PAIRS}generate/`, { common_name: '', validity_days: 1, alg: 'ecdsa' }],
      ['PUT', `${PAIRS}${first}/`, body],
      ['PATCH', `${PAIRS}${first}/`, { name: '' }],
      ['DELETE', `${PAIRS}${first}/`],
      ['GET', `${PAIRS}${first}/view_certificate/`],
      ['GET', `${PAIRS}${first}/view_private_key/`],
      ['GET', `${PAIRS}${first}/used_by/`],
    ];
    // The deletion last: the others need the pair.
    const expected = statuses.split(' ');
    // What is listed is what can be retrieved.
    for (const [index, name] of names.entries()) {
      const [status, page] = await send(token, 'GET', `${PAIRS}?name=${name}`);
      const listed = status === 200 ? (page as { results: object[] }).results.length : 'refused';
      expect(listed).toBe(expected[0] === '403' ? 'refused' : Number(expected[index + 1] === '200'));
    }
    const numbered = [...requests.entries()];
    const order = [
      ...numbered.filter(([, [method]]) => method !== 'DELETE'),
      ...numbered.filter(([, [method]]) => method === 'DELETE'),
    ];
    const got: (readonly [number, unknown])[] = [];
    for (const [index, [method, path, content]] of order) {
      got[index] = await send(token, method, path, content);
    }
    const named = (found: readonly (number | string)[]) => found.map((status, index) => `${COLUMNS[index]} ${status}`);
    expect(named(got.map(([status]) => status))).toEqual(named(expected));
    for (const [status, answer] of got.filter(([refused]) => refused >= 403)) {
      expect([DENIED, NO_PAIR, NO_ID]).toContainEqual([status, answer]);
    }
  });
}
