import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { type Pair, storePair } from './support/material.ts';
import { ask, expectRefusal } from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'one');
  await storePair(server, 'two');
});
afterAll(() => server.close());

function refuses(query: string, status: number, body: unknown) {
  return expectRefusal(server, { method: 'GET', path: `${PAIRS}?${query}` }, { status, body });
}

const NULL_CHARACTERS = 'Null characters are not allowed.';
const noChoice = (given: string) => `Select a valid choice. ${given} is not one of the available choices.`;

describe('§1.7: a list refuses a page', () => {
  test.each([
    'page=0',
    'page=-1',
    'page=2',
    'page=3&page_size=1',
    'page=abc',
    'page=1.5',
    'page=1.0',
    'page=1e0',
    'page=0x1',
    'page=%20',
    'page=LAST',
    'page=last%20',
    'page=1&page=abc',
    'page=999999999999999999999999',
    `page=${'9'.repeat(4000)}`,
    'page=2&search=nothing-like-it',
  ])('?%s', (query) => refuses(query, 404, { detail: 'Invalid page.' }));

  test.each(['page=', 'page=last', 'page=%202&page_size=1', 'page=%2B2&page_size=1', 'page=abc&page=1'])(
    'but not ?%s',
    async (query) => {
      expect((await ask(server, { method: 'GET', path: `${PAIRS}?${query}` })).status).toBe(200);
    },
  );
});

describe('§1.7: a list refuses a type of key', () => {
  test.each([
    ['key_type=nope', 'nope'],
    ['key_type=', ''],
    ['key_type=RSA', 'RSA'],
    ['key_type=ec,rsa', 'ec,rsa'],
    ['key_type=%20rsa', ' rsa'],
    ['key_type=x25519', 'x25519'],
    ['key_type=null', 'null'],
    ['key_type=rsa&key_type=nope', 'nope'],
    ['key_type=nope&key_type=rsa', 'nope'],
    ['key_type=first&key_type=second', 'first'],
    ['key_type=%C3%A4%22', 'ä"'],
    ['key_type=nope&page=abc', 'nope'],
  ])('?%s, naming the first wrong one', (query, named) => refuses(query, 400, { key_type: [noChoice(named)] }));
});

describe('§1.7: a list refuses U+0000', () => {
  test.each(['search=%00', 'search=a%00b', 'search=%22a%00%22'])('in ?%s, with a bare list', (query) =>
    refuses(query, 400, [NULL_CHARACTERS]),
  );

  test('in every filter at once, and a wrong type of key with it', () => {
    const refusal = { name: [NULL_CHARACTERS], managed: [NULL_CHARACTERS], key_type: [noChoice('nope')] };
    return refuses('name=%00&key_type=nope&managed=%00&search=%00', 400, refusal);
  });

  test.each(['name', 'managed'])('in ?%s', (field) => refuses(`${field}=a%00b`, 400, { [field]: [NULL_CHARACTERS] }));
});

describe('a list refuses, where the original answers slowly,', () => {
  test('a search over 2,048 characters', () =>
    refuses(`search=${'x'.repeat(2049)}`, 400, { search: ['Ensure this value has at most 2048 characters.'] }));
});

describe('§1.7: a list passes over', () => {
  test.each([
    'page_size=0',
    'page_size=-1',
    'page_size=abc',
    'page_size=1.0',
    'page_size=',
    'page_size=100000',
    'ordering=nope',
    'ordering=--name',
    'ordering=key_data',
    'has_key=false',
    'has_key=TRUE',
    'has_key=rubbish',
    'name=',
    'managed=',
    'include_details=rubbish',
    'unknown=1',
    '%zz=%zz',
    'page_size=%FF',
  ])('?%s', async (query) => {
    const answer = await ask(server, { method: 'GET', path: `${PAIRS}?${query}` });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ pagination: { count: 2, current: 1, total_pages: 1 } });
  });
});

describe('§1.6: a download is refused', () => {
  test.each([
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['U+0001', 'a\u0001b'],
    ['U+007F', 'a\u007fb'],
    ['U+2028', 'a\u2028b'],
  ])('where the name has %s, which no header can carry (§7)', async (_what, name) => {
    const body = { name, certificate_data: pair.certificate, key_data: pair.privateKey };
    const created = await ask(server, { method: 'POST', path: PAIRS, body });
    const { pk } = JSON.parse(created.text) as { pk: string };
    try {
      const text =
        'The name of this pair holds control characters and can not name a file. View it without "download".';
      for (const view of ['view_certificate', 'view_private_key']) {
        const path = `${PAIRS}${pk}/${view}/`;
        await expectRefusal(
          server,
          { method: 'GET', path: `${path}?download` },
          { status: 400, body: { detail: text } },
        );
        expect((await ask(server, { method: 'GET', path })).status).toBe(200);
      }
    } finally {
      await ask(server, { method: 'DELETE', path: `${PAIRS}${pk}/` });
    }
  });
});
