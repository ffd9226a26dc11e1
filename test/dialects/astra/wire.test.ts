import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { openConnection, type WireAnswer } from '../strata/wire/support/connection.ts';
import { certificatesOf, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { opensslAccepts, opensslAuthority } from './support/authority.ts';
import { base64, certOf, type Fields, MEDIA_TYPE, PROBLEM, TYPE } from './support/certificates.ts';
import type { List } from './support/list.ts';

/** Contract §8, byte for byte: the toolkit's lines are those that its release 3.0.2 sends, the connector's those of the contract. */

let server: TestServer;
let account: string;
let collection: string;
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
  collection = certificatesOf(account);
});
afterAll(() => server.close());

const JSON_TYPE = 'application/json';
const PYTHON = ['User-Agent: python-requests/2.32.2', 'Accept-Encoding: gzip, deflate'];
const bearer = (name = 'Authorization') => `${name}: Bearer ${server.token}`;
const lengthOf = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;

/** Requests of the toolkit: their headers are in its order, and each has a body. */
const toolkit = {
  read: (target: string, body = '{}') =>
    [
      [`GET ${target} HTTP/1.1`, ...PYTHON, 'Accept: */*', 'Connection: keep-alive', bearer(), lengthOf(body)],
      [`Content-Type: ${JSON_TYPE}`],
    ].flat(),
  write: (method: string, target: string, body: string, type = MEDIA_TYPE) =>
    [
      [`${method} ${target} HTTP/1.1`, ...PYTHON, `accept: ${type}`, 'Connection: keep-alive', bearer()],
      [`Content-Type: ${type}`, lengthOf(body)],
    ].flat(),
};

/** Sends requests on one connection, as a session does: what is left of a body would be read as the next request. */
async function inTurn(...requests: readonly (readonly [head: readonly string[], body: string])[]) {
  const connection = await openConnection(server.url);
  try {
    const answers: WireAnswer[] = [];
    for (const [head, body] of requests) {
      answers.push(await connection.send(head, body));
    }
    return answers;
  } finally {
    connection.close();
  }
}

async function send(head: readonly string[], body = ''): Promise<WireAnswer> {
  const [answer] = await inTurn([head, body]);
  return answer as WireAnswer;
}

const write = (method: string, target: string, fields: object, type?: string) => {
  const body = JSON.stringify(fields);
  return send(toolkit.write(method, target, body, type), body);
};
const read = (target: string) => send(toolkit.read(target), '{}');

/** A sound body, which carries only what workflows send. */
const resource = (fields: Fields): Fields => ({ type: TYPE, version: '1.0', ...fields });

function jsonOf<T = Fields>({ status, headers, text }: WireAnswer, expected: number, type: string): T {
  expect([status, headers['content-type'], text.slice(0, 300)]).toEqual([expected, type, expect.any(String)]);
  return JSON.parse(text) as T;
}

async function created(fields: Fields = {}): Promise<{ readonly id: string; readonly cn: string }> {
  return jsonOf(await write('POST', collection, resource({ cert: certOf(), ...fields })), 201, MEDIA_TYPE);
}

const expectNothing = ({ status, headers, text }: WireAnswer) =>
  expect([status, headers['content-type'], headers['content-length'], text]).toEqual([204, undefined, undefined, '']);

describe('the toolkit', () => {
  test('sends a body `{}` with GET and DELETE, and goes on by the same connection', async () => {
    const { id } = await created();
    const path = `${collection}/${id}`;
    const [list, one, gone, missing] = await inTurn(
      [toolkit.read(collection), '{}'],
      [toolkit.write('GET', path, '{}'), '{}'],
      [toolkit.write('DELETE', path, '{}'), '{}'],
      [toolkit.write('GET', path, '{}'), '{}'],
    );
    const { items, metadata } = jsonOf<List>(list as WireAnswer, 200, JSON_TYPE);
    expect([items.map((item) => item.id), metadata]).toEqual([expect.arrayContaining([id]), {}]);
    expect(jsonOf(one as WireAnswer, 200, MEDIA_TYPE)).toMatchObject({ id });
    expectNothing(gone as WireAnswer);
    expect(jsonOf(missing as WireAnswer, 404, PROBLEM)).toMatchObject({ title: 'Collection not found' });
  });

  test('asks for clouds after a failure, by the same headers and connection', async () => {
    const wrong = JSON.stringify(resource({ cert: 'no base64' }));
    const clouds = `/accounts/${account}/topology/v1/clouds`;
    const [failed, reworded, still] = await inTurn(
      [toolkit.write('POST', collection, wrong), wrong],
      [toolkit.write('GET', clouds, '{}'), '{}'],
      [toolkit.read(collection), '{}'],
    );
    jsonOf(failed as WireAnswer, 400, PROBLEM);
    expect(jsonOf(reworded as WireAnswer, 404, PROBLEM)).toMatchObject({
      title: 'Collection not found',
      status: '404',
    });
    jsonOf(still as WireAnswer, 200, JSON_TYPE);
  });

  test('writes with the resource’s own type, both ways', async () => {
    const { id } = await created();
    expectNothing(await write('PUT', `${collection}/${id}`, resource({ certUse: 'intermediateCA' })));
    jsonOf(await send(toolkit.write('GET', `${collection}/${id}`, '{}'), '{}'), 200, MEDIA_TYPE);
  });

  test.each(['application/managedCluster+json', 'application/astra-managedCluster+json', JSON_TYPE])(
    'writes as %s, of another resource or of none',
    async (type) => {
      const answer = await write('POST', collection, resource({ cert: certOf() }), type);
      const { id } = jsonOf<{ id: string }>(answer, 201, JSON_TYPE);
      expectNothing(await write('PUT', `${collection}/${id}`, resource({ trustStateDesired: 'untrusted' }), type));
      expectNothing(await send(toolkit.write('DELETE', `${collection}/${id}`, '{}', type), '{}'));
    },
  );
});

describe('the connector', () => {
  /** Go writes a type for GET and DELETE too, and no Accept that was not set. */
  const head = (method: string, target: string, ...more: readonly string[]) => [
    ...[`${method} ${target} HTTP/1.1`, 'User-Agent: Go-http-client/1.1', ...more],
    ...[`Content-Type: ${JSON_TYPE}`, 'Accept-Encoding: gzip'],
  ];

  test('spells the header `authorization`, and writes plain JSON', async () => {
    const body = JSON.stringify(resource({ cert: certOf('connector') }));
    const lower = bearer('authorization');
    const made = await send(head('POST', collection, lengthOf(body), lower), body);
    const { id } = jsonOf<{ id: string }>(made, 201, JSON_TYPE);
    const path = `${collection}/${id}`;
    jsonOf(await send(head('GET', path, lower)), 200, JSON_TYPE);
    expectNothing(await send(head('DELETE', path, lower, 'Content-Length: 2'), '{}'));
  });

  test('sends bodies in chunks where it does not know their length', async () => {
    const chunks = ['2', '{}', '0', '', ''].join('\r\n');
    const chunked = head('GET', collection, bearer(), 'Transfer-Encoding: chunked');
    const [first, second] = await inTurn([chunked, chunks], [chunked, chunks]);
    jsonOf(first as WireAnswer, 200, JSON_TYPE);
    jsonOf(second as WireAnswer, 200, JSON_TYPE);
  });
});

describe('parameters', () => {
  const namesIn = async (query: string) =>
    jsonOf<List<[string]>>(await read(`${collection}?include=cn&${query}`), 200, JSON_TYPE).items.flat();

  beforeAll(async () => {
    await created({ cert: certOf('Wire, One') });
    await created({ cert: certOf('Wire, Two'), certUse: 'intermediateCA' });
  });

  test.each([
    ['blanks as +, quotes as %27, as requests writes them', 'filter=cn+in+%27Wire%27&filter=certUse+eq+%27rootCA%27'],
    ['blanks as %20, as curl writes them', 'filter=cn%20in%20%27Wire%27&filter=certUse%20eq%20%27rootCA%27'],
    ['quotes raw', "filter=cn+in+'Wire'&filter=certUse%20eq%20'rootCA'"],
    ['blanks encoded twice', 'filter=cn%2520in%2520%27Wire%27&filter=certUse%2520eq%2520%27rootCA%27'],
    ['commas in a value as %2C', 'filter=cn+eq+%27Wire%2C+One%27'],
    ['commas in a value raw', "filter=cn+eq+'Wire,+One'"],
    ['any letter encoded', '%66ilter=c%6E+eq+%27Wire%2C+One%27'],
  ])('%s', async (_how, query) => {
    expect(await namesIn(query)).toEqual(['Wire, One']);
  });

  test('a list as a value comes as a repeated parameter, and all hold', async () => {
    expect(await namesIn('filter=cn+in+%27Wire%27&orderBy=cn+desc')).toEqual(['Wire, Two', 'Wire, One']);
    expect(await namesIn('filter=cn+in+%27Wire%27&filter=cn+in+%27One%27&filter=cn+in+%27Two%27')).toEqual([]);
  });

  test.each(['include=cn%2CtrustState', 'include=cn,trustState'])('commas between names: %s', async (include) => {
    const list = await read(`${collection}?${include}&filter=cn+eq+%27Wire%2C+Two%27`);
    expect(jsonOf<List>(list, 200, JSON_TYPE).items).toEqual([['Wire, Two', 'trusted']]);
  });

  test('a token of base64 goes on, encoded', async () => {
    const query = 'filter=cn+in+%27Wire%27&orderBy=cn&limit=1';
    const first = jsonOf<List>(await read(`${collection}?${query}`), 200, JSON_TYPE);
    const token = encodeURIComponent(String(first.metadata.continue));
    const second = jsonOf<List>(await read(`${collection}?${query}&continue=${token}`), 200, JSON_TYPE);
    expect([first, second].map(({ items }) => items.map(({ cn }) => cn))).toEqual([['Wire, One'], ['Wire, Two']]);
  });
});

describe('the workflows of §7', () => {
  const bundle = async () => (await server.request('GET', `${collection}/bundle.pem`)).text();

  test('a CA for LDAPS is added, withdrawn, restored and rotated', async () => {
    const [before, after] = [opensslAuthority('LDAPS CA'), opensslAuthority('LDAPS CA')];
    const accepted = async () => {
      const pem = await bundle();
      return [before, after].map(({ leaf }) => opensslAccepts(leaf.certificate, pem));
    };
    const body = JSON.stringify(
      resource({ certUse: 'rootCA', cert: base64(before.certificate), isSelfSigned: 'true' }),
    );
    const head = [
      `POST ${collection} HTTP/1.1`,
      bearer(),
      'Accept: */*',
      `Content-Type: ${MEDIA_TYPE}`,
      lengthOf(body),
    ];
    const { id } = jsonOf<{ id: string }>(await send(head, body), 201, JSON_TYPE);
    expect(await accepted()).toEqual([true, false]);

    const put = (fields: Fields) => write('PUT', `${collection}/${id}`, resource(fields));
    expectNothing(await put({ trustStateDesired: 'untrusted' }));
    expect(await accepted()).toEqual([false, false]);
    expectNothing(await put({ trustStateDesired: 'trusted' }));
    expect(await accepted()).toEqual([true, false]);

    expectNothing(await put({ cert: base64(after.certificate), isSelfSigned: 'true' }));
    expect(await accepted()).toEqual([false, true]);
    const shown = await read(`${collection}/${id}`);
    expect(jsonOf(shown, 200, JSON_TYPE)).toMatchObject({ isSelfSigned: 'true', trustState: 'trusted' });
  });

  test('the page’s own sample, whose certificate is cut, is refused for its base64', async () => {
    const answer = await write('POST', collection, resource({ cert: 'L'.repeat(47), isSelfSigned: 'true' }));
    expect(jsonOf(answer, 400, PROBLEM)).toMatchObject({ type: 'https://astra.netapp.io/problems/8' });
  });

  test('what the interface’s tick leaves out is added untrusted', async () => {
    expect(await created({ trustStateDesired: 'untrusted' })).toMatchObject({ trustState: 'untrusted' });
  });
});

test('§3.1: nothing of a resource is told by HEAD, and its connection goes on', async () => {
  const target = `${collection}/${UNKNOWN_ID}`;
  const head = [`HEAD ${target} HTTP/1.1`, bearer()];
  const [refused, list] = await inTurn([head, ''], [toolkit.read(collection), '{}']);
  expect([refused?.status, refused?.headers['allow']]).toEqual([405, 'GET, PUT, DELETE']);
  jsonOf(list as WireAnswer, 200, JSON_TYPE);
});
