import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { hidePair, type Pair, storePair } from './support/material.ts';
import { ask, expectRefusal } from './support/refusal.ts';

const GENERATE = `${PAIRS}generate/`;

let server: TestServer;
let taken: Pair;
beforeAll(async () => {
  server = await startServer();
  taken = await storePair(server, 'taken');
  await hidePair(server, await storePair(server, 'hidden'));
});
afterAll(() => server.close());

const REQUIRED = 'This field is required.';
const BLANK = 'This field may not be blank.';
const NULL = 'This field may not be null.';
const NOT_A_STRING = 'Not a valid string.';
const NULL_CHARACTERS = 'Null characters are not allowed.';
const NOT_AN_INTEGER = 'A valid integer is required.';
const NOT_UNIQUE = 'This field must be unique.';

async function refuses(body: unknown, problems: Record<string, string>): Promise<void> {
  const worded = Object.fromEntries(Object.entries(problems).map(([field, text]) => [field, [text]]));
  await expectRefusal(server, { method: 'POST', path: GENERATE, body }, { status: 400, body: worded });
}

const sound = () => ({ common_name: randomUUID(), validity_days: 1, alg: 'ecdsa' });

describe('§1.4: generate refuses', () => {
  test.each([
    ['null', null, NULL],
    ['the empty string', '', BLANK],
    ['blanks alone', ' \n\u3000', BLANK],
    ['a list', [], NOT_A_STRING],
    ['an object', {}, NOT_A_STRING],
    ['true', true, NOT_A_STRING],
    ['a text with U+0000', 'a\0b', NULL_CHARACTERS],
    ['a taken name', 'taken', NOT_UNIQUE],
    ['a taken name with blanks around it', '\t taken \u00a0', NOT_UNIQUE],
    ['the name of the hidden pair', 'hidden', NOT_UNIQUE],
  ])('as a common name %s', (_what, value, text) => refuses({ ...sound(), common_name: value }, { common_name: text }));

  test.each([
    ['null', null, NULL],
    ['a fraction', 1.5, NOT_AN_INTEGER],
    ['a fraction as text', '1.5', NOT_AN_INTEGER],
    ['true', true, NOT_AN_INTEGER],
    ['false', false, NOT_AN_INTEGER],
    ['the empty string', '', NOT_AN_INTEGER],
    ['blanks alone', '  ', NOT_AN_INTEGER],
    ['an exponent', '1e3', NOT_AN_INTEGER],
    ['hexadecimal digits', '0x10', NOT_AN_INTEGER],
    ['a word', 'abc', NOT_AN_INTEGER],
    ['two underscores in a row', '1__0', NOT_AN_INTEGER],
    ['an underscore at the end', '10_', NOT_AN_INTEGER],
    ['two signs', '--1', NOT_AN_INTEGER],
    ['a list', [], NOT_AN_INTEGER],
    ['a list of one', [3], NOT_AN_INTEGER],
    ['an object', {}, NOT_AN_INTEGER],
    ['1,001 characters', '1'.repeat(1001), 'String value too large.'],
    ['1,001 blanks', ' '.repeat(1001), 'String value too large.'],
  ])('as a validity %s', (_what, value, text) =>
    refuses({ ...sound(), validity_days: value }, { validity_days: text }),
  );

  test('as a validity 10^30, which is read as a float', () => {
    const body = `{"common_name":"${randomUUID()}","alg":"ecdsa","validity_days":1${'0'.repeat(30)}}`;
    return refuses(body, { validity_days: NOT_AN_INTEGER });
  });

  test.each([
    ['null', null, NULL],
    ['a list', ['a.example'], NOT_A_STRING],
    ['an object', {}, NOT_A_STRING],
    ['false', false, NOT_A_STRING],
    ['a text with U+0000', 'a.example,\0', NULL_CHARACTERS],
  ])('as alternative names %s', (_what, value, text) => {
    return refuses({ ...sound(), subject_alt_name: value }, { subject_alt_name: text });
  });

  test.each([
    ['null', null, NULL],
    ['foo', 'foo', '"foo" is not a valid choice.'],
    ['the empty string', '', '"" is not a valid choice.'],
    ['blanks around a choice', ' rsa ', '" rsa " is not a valid choice.'],
    ['another letter case', 'RSA', '"RSA" is not a valid choice.'],
    ['the name of a type of key', 'ec', '"ec" is not a valid choice.'],
    ['an algorithm of a later version', 'mldsa44', '"mldsa44" is not a valid choice.'],
    ['an integer', 1, '"1" is not a valid choice.'],
    ['a float', 1.5, '"1.5" is not a valid choice.'],
    ['true', true, '"True" is not a valid choice.'],
    ['an empty list', [], '"[]" is not a valid choice.'],
    ['a list of a choice', ['rsa'], `"['rsa']" is not a valid choice.`],
    ['an object', { a: null }, `"{'a': None}" is not a valid choice.`],
    ['quotes and letters beyond ASCII', '"ä"', '""ä"" is not a valid choice.'],
  ])('as an algorithm %s', (_what, value, text) => refuses({ ...sound(), alg: value }, { alg: text }));

  test.each([
    ['an empty object', {}],
    ['an empty body', ''],
    ['no body', undefined],
    ['the fields of a pair', { name: 'x', certificate_data: 'x' }],
  ])('%s, for lack of a common name and a validity', (_what, body) => {
    return refuses(body, { common_name: REQUIRED, validity_days: REQUIRED });
  });

  test('with what is wrong in every field at once', () => {
    const nulls = { common_name: null, subject_alt_name: null, validity_days: null, alg: null };
    return refuses(nulls, { common_name: NULL, subject_alt_name: NULL, validity_days: NULL, alg: NULL });
  });

  test.each([
    ['a list', [], 'Invalid data. Expected a dictionary, but got list.'],
    ['a string', '"x"', 'Invalid data. Expected a dictionary, but got str.'],
    ['an integer', 5, 'Invalid data. Expected a dictionary, but got int.'],
    ['a float', 1.5, 'Invalid data. Expected a dictionary, but got float.'],
    ['true', true, 'Invalid data. Expected a dictionary, but got bool.'],
    ['null', 'null', 'No data provided'],
  ])('%s in place of an object', (_what, body, text) => refuses(body, { non_field_errors: text }));
});

// §7: where the original fails with 500, this server says what to mend.
describe('§7: generate refuses, where the original fails,', () => {
  const TOO_SHORT = 'Ensure this value is greater than or equal to -1.';
  const TOO_LONG = 'The certificate must not expire after the year 9999.';

  test.each([
    ['-2, which ends before it begins', -2, TOO_SHORT],
    ['-2 as text', ' -2 ', TOO_SHORT],
    ['a day past the year 9999', 4_000_000, TOO_LONG],
    ['as many days as a text may have digits for', '9'.repeat(1000), TOO_LONG],
    ['as few', `-${'9'.repeat(999)}`, TOO_SHORT],
  ])('as a validity %s', (_what, value, text) =>
    refuses({ ...sound(), validity_days: value }, { validity_days: text }),
  );

  test('a common name whose first 64 characters have more than 64 bytes', () => {
    const text = 'The first 64 characters of this field must have no more than 64 bytes.';
    return refuses({ ...sound(), common_name: 'é'.repeat(64) }, { common_name: text });
  });

  test('a common name over 2,048 bytes', () => {
    const text = 'Ensure this field has no more than 2048 bytes.';
    return refuses({ ...sound(), common_name: 'n'.repeat(2049) }, { common_name: text });
  });

  test('an alternative name that is not ASCII', () => {
    const text = 'Only ASCII characters are allowed.';
    return refuses({ ...sound(), subject_alt_name: 'a.example,bücher.example' }, { subject_alt_name: text });
  });

  test('more alternative names than a certificate is read with', () => {
    return refuses({ ...sound(), subject_alt_name: 'a,'.repeat(10_001) }, { subject_alt_name: 'Too many names.' });
  });

  test('alternative names longer than a certificate is read with, before a key is made', async () => {
    const text = 'The names together are too long for a certificate.';
    // As long as they may be: 1 MiB without six bytes for each and 4,096 for the rest.
    const names = (length: number) => `a.example,${'n'.repeat(length - 9)}`;
    const longest = (1 << 20) - 4096 - 2 * 6;
    await refuses({ ...sound(), alg: 'rsa', subject_alt_name: names(longest + 1) }, { subject_alt_name: text });
    const body = { ...sound(), subject_alt_name: names(longest) };
    expect((await ask(server, { method: 'POST', path: GENERATE, body })).status).toBe(200);
  });
});

describe('§1.4: a refusal of generate is about what was sent, and no more', () => {
  test.each([0, -1, ' 3 ', '3.0', '1_0'])('a validity of %j is none', async (validity_days) => {
    const body = { common_name: `valid for ${validity_days}`, validity_days, alg: 'ecdsa' };
    expect((await ask(server, { method: 'POST', path: GENERATE, body })).status).toBe(200);
  });

  test('the name of a pair that was deleted is free again', async () => {
    const own = await storePair(server, 'for a while');
    const body = { ...sound(), common_name: own.name };
    await refuses(body, { common_name: NOT_UNIQUE });
    await ask(server, { method: 'DELETE', path: `${PAIRS}${own.id}/` });
    expect((await ask(server, { method: 'POST', path: GENERATE, body })).status).toBe(200);
    await refuses({ ...sound(), common_name: taken.name }, { common_name: NOT_UNIQUE });
  });
});
