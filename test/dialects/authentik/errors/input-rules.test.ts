import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { hidePair, type Pair, storePair } from './support/material.ts';
import { ask, expectRefusal, NO_SUCH_PAIR } from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
let other: Pair;
let hidden: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
  other = await storePair(server, 'taken');
  hidden = await storePair(server, 'hidden');
  await hidePair(server, hidden);
});
afterAll(() => server.close());

const REQUIRED = 'This field is required.';
const BLANK = 'This field may not be blank.';
const NULL = 'This field may not be null.';
const NOT_A_STRING = 'Not a valid string.';
const NULL_CHARACTERS = 'Null characters are not allowed.';
const NO_CERTIFICATE = 'Unable to load certificate.';
const NO_KEY = 'Unable to load private key (possibly encrypted?).';
const TAKEN = 'Certificate-Key Pair with this name already exists.';

const NO_STRINGS: readonly (readonly [what: string, value: unknown])[] = [
  ['true', true],
  ['false', false],
  ['an object', {}],
  ['an object with members', { name: 'x' }],
  ['a list', []],
  ['a list of strings', ['x']],
];

function sound(): Record<string, unknown> {
  return { name: randomUUID(), certificate_data: pair.certificate, key_data: pair.privateKey };
}

/** The three ways of writing: each refuses the same values in the same words. */
const WRITES = [
  ['POST', () => PAIRS],
  ['PUT', () => `${PAIRS}${pair.id}/`],
  ['PATCH', () => `${PAIRS}${pair.id}/`],
] as const;

describe.each(WRITES)('§1.2: %s refuses', (method, path) => {
  test.each([
    ...NO_STRINGS.map(([what, value]) => ['name', what, value, NOT_A_STRING] as const),
    ...NO_STRINGS.map(([what, value]) => ['certificate_data', what, value, NOT_A_STRING] as const),
    ...NO_STRINGS.map(([what, value]) => ['key_data', what, value, NOT_A_STRING] as const),
    ['name', 'null', null, NULL],
    ['certificate_data', 'null', null, NULL],
    ['key_data', 'null', null, NULL],
    ['name', 'the empty string', '', BLANK],
    ['certificate_data', 'the empty string', '', BLANK],
    ['name', 'blanks alone', ' \n\t ', BLANK],
    ['certificate_data', 'blanks alone', ' \r\n\t ', BLANK],
    ['name', 'Unicode’s blanks alone', '\u00a0\u2003\u3000', BLANK],
    ['certificate_data', 'Unicode’s blanks alone', '\u00a0\u2003\u3000', BLANK],
    ['name', 'a text with U+0000', 'a\0b', NULL_CHARACTERS],
    ['certificate_data', 'a text with U+0000', 'a\0b', NULL_CHARACTERS],
    ['key_data', 'a text with U+0000', 'a\0b', NULL_CHARACTERS],
    ['certificate_data', 'what is no certificate', 'bad', NO_CERTIFICATE],
    ['certificate_data', 'a number, which counts as its text', 5, NO_CERTIFICATE],
    ['certificate_data', 'a zero width space, which is no blank', '\u200b', NO_CERTIFICATE],
    ['certificate_data', 'a byte order mark, which is no blank', '\ufeff', NO_CERTIFICATE],
    ['key_data', 'what is no key', 'bad', NO_KEY],
    ['key_data', 'a number, which counts as its text', 1e5, NO_KEY],
    ['name', 'another pair’s name', 'taken', TAKEN],
    ['name', 'another pair’s name with blanks around it', ' \u00a0taken\n', TAKEN],
    ['name', 'the name of the hidden pair', 'hidden', TAKEN],
  ] as const)('as %s %s', async (field, _what, value, text) => {
    const body = { ...sound(), [field]: value };
    await expectRefusal(server, { method, path: path(), body }, { status: 400, body: { [field]: [text] } });
  });

  test.each([
    ['a list', [], 'list'],
    ['a list of objects', [{}], 'list'],
    ['a string', '"x"', 'str'],
    ['the empty string', '""', 'str'],
    ['an integer', 5, 'int'],
    ['an integer beyond 64 bits, which is read as a float', '99999999999999999999', 'float'],
    ['a float', 1.5, 'float'],
    ['a float without a fraction', '1.0', 'float'],
    ['true', true, 'bool'],
    ['false', false, 'bool'],
  ])('%s in place of an object', async (_what, body, type) => {
    const text = `Invalid data. Expected a dictionary, but got ${type}.`;
    await expectRefusal(server, { method, path: path(), body }, { status: 400, body: { non_field_errors: [text] } });
  });

  test('null in place of an object', async () => {
    const refusal = { status: 400, body: { non_field_errors: ['No data provided'] } };
    await expectRefusal(server, { method, path: path(), body: 'null' }, refusal);
  });

  test('with what is wrong in every field at once', async () => {
    const body = { name: other.name, certificate_data: 'bad', key_data: 'bad' };
    const refusal = { name: [TAKEN], certificate_data: [NO_CERTIFICATE], key_data: [NO_KEY] };
    await expectRefusal(server, { method, path: path(), body }, { status: 400, body: refusal });
  });

  test('a name over 2,048 bytes, which the original’s index can not hold (§7)', async () => {
    const body = { ...sound(), name: 'n'.repeat(2049) };
    const refusal = { status: 400, body: { name: ['Ensure this field has no more than 2048 bytes.'] } };
    await expectRefusal(server, { method, path: path(), body }, refusal);
  });
});

describe.each(WRITES.filter(([method]) => method !== 'PATCH'))('§1.2: %s requires', (method, path) => {
  test.each(['name', 'certificate_data'])('%s', async (field) => {
    const { [field]: _left, ...body } = sound();
    await expectRefusal(server, { method, path: path(), body }, { status: 400, body: { [field]: [REQUIRED] } });
  });

  test.each([
    ['an empty object', {}],
    ['an empty body', ''],
    ['fields that there are not, or that are read only', { pk: 'x', managed: 'x', key_type: 'rsa', Name: 'x' }],
  ])('name and certificate, also of %s', async (_what, body) => {
    const refusal = { name: [REQUIRED], certificate_data: [REQUIRED] };
    await expectRefusal(server, { method, path: path(), body }, { status: 400, body: refusal });
  });

  test('name and certificate, also without a body', async () => {
    const refusal = { name: [REQUIRED], certificate_data: [REQUIRED] };
    await expectRefusal(server, { method, path: path() }, { status: 400, body: refusal });
  });
});

describe('§1.2: a filter in the query of a pair’s route', () => {
  const ROUTES = [
    ['GET', '', undefined],
    ['PUT', '', { name: 'replaced' }],
    ['PATCH', '', { name: 'renamed' }],
    ['DELETE', '', undefined],
    ['GET', 'view_certificate/', undefined],
    ['GET', 'view_private_key/', undefined],
  ] as const;

  describe.each(ROUTES)('%s {uuid}/%s', (method, route, body) => {
    test.each(['name=zzz', 'name=ANOTHER', 'managed=null', 'key_type=rsa', 'search=nothing-like-it'])(
      'hides a pair that does not pass ?%s',
      async (filter) => {
        const own = await storePair(server, randomUUID());
        const path = `${PAIRS}${own.id}/${route}?${filter}`;
        await expectRefusal(server, { method, path, body }, { status: 404, body: NO_SUCH_PAIR });
      },
    );

    test.each([
      ['key_type=nope', { key_type: ['Select a valid choice. nope is not one of the available choices.'] }],
      ['name=%00', { name: [NULL_CHARACTERS] }],
      ['search=%00', [NULL_CHARACTERS]],
    ])('is refused as that of a list: ?%s', async (filter, refusal) => {
      const own = await storePair(server, randomUUID());
      const path = `${PAIRS}${own.id}/${route}?${filter}`;
      await expectRefusal(server, { method, path, body }, { status: 400, body: refusal });
    });
  });
});

describe('§1.7: the hidden pair is unknown to', () => {
  test.each([
    ['GET', ''],
    ['PUT', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', 'view_certificate/'],
    ['GET', 'view_certificate/?download'],
    ['GET', 'view_private_key/'],
    ['GET', 'view_private_key/?download'],
    ['GET', 'used_by/'],
  ])('%s {uuid}/%s', async (method, route) => {
    await expectRefusal(server, { method, path: `${PAIRS}${hidden.id}/${route}` }, { status: 404, body: NO_SUCH_PAIR });
  });

  test('the list', async () => {
    const answer = await ask(server, { method: 'GET', path: `${PAIRS}?name=hidden` });
    expect(JSON.parse(answer.text)).toMatchObject({ pagination: { count: 0 }, results: [] });
  });
});

test('§1.2: fields are told of in their order, whoever finds the problem', async () => {
  const { certificate } = opensslPair();
  await server.request('POST', PAIRS, { name: 'in order', certificate_data: certificate });
  const refused = await server.request('POST', PAIRS, { key_data: 'nonsense', name: 'in order' });

  expect(Object.keys((await refused.json()) as object)).toEqual(['name', 'certificate_data', 'key_data']);
});
