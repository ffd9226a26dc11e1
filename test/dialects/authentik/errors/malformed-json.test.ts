import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { type Pair, storePair } from './support/material.ts';
import { ask, expectRefusal, NO_SUCH_PAIR, UNKNOWN_ID } from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
});
afterAll(() => server.close());

const problem = (text: string) => ({ status: 400, body: { detail: `JSON parse error - ${text}` } });

function refuses(body: string | Buffer, text: string, headers: Record<string, string> = {}) {
  return expectRefusal(server, { method: 'POST', path: PAIRS, body, headers }, problem(text));
}

// The texts are those of orjson 3.13.
describe('§1.8: of malformed JSON is told where and what it is:', () => {
  test.each([
    ['a word', 'nope', "invalid literal, expected 'null': line 1 column 1 (char 0)"],
    ['a literal that is cut short', '{"name":tru}', "invalid literal, expected 'true': line 1 column 9 (char 8)"],
    ['blanks alone', ' ', 'input data is empty: line 1 column 1 (char 0)'],
    ['line breaks alone', '\r\n\n', 'input data is empty: line 1 column 1 (char 0)'],
    ['an object that ends early', '{"name":', 'unexpected end of data: line 1 column 9 (char 8)'],
    ['an object that is not closed', '{"name":"x"', 'unexpected end of data: line 1 column 12 (char 11)'],
    ['a string that is not closed', '{"name":"x', 'unexpected end of data: line 1 column 11 (char 10)'],
    ['a trailing comma in an object', '{"name":"x",}', 'trailing comma is not allowed: line 1 column 12 (char 11)'],
    ['a trailing comma in a list', '[1,]', 'trailing comma is not allowed: line 1 column 3 (char 2)'],
    ['something behind the document', '{} x', 'unexpected content after document: line 1 column 4 (char 3)'],
    ['a second document', '{}{}', 'unexpected content after document: line 1 column 3 (char 2)'],
    ['single quotes', "{'a':1}", 'unexpected character, expected a string key: line 1 column 2 (char 1)'],
    ['a key without quotes', '{name:1}', 'unexpected character, expected a string key: line 1 column 2 (char 1)'],
    ['a missing colon', '{"a" 1}', "unexpected character, expected ':' after key: line 1 column 6 (char 5)"],
    ['a missing comma', '{"a":1 "b":2}', "unexpected character, expected ',' or '}': line 1 column 8 (char 7)"],
    ['a missing comma in a list', '[1 2]', "unexpected character, expected ',' or ']': line 1 column 4 (char 3)"],
    ['a comment', '// c\n{}', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    ['NaN', '{"name":NaN}', 'unexpected character, expected a JSON value: line 1 column 9 (char 8)'],
    ['Infinity', '{"name":Infinity}', 'unexpected character, expected a JSON value: line 1 column 9 (char 8)'],
    ['-Infinity', '{"name":-Infinity}', 'no digit after sign: line 1 column 10 (char 9)'],
    ['1e999', '{"name":1e999}', 'number is infinity when parsed as double: line 1 column 9 (char 8)'],
    ['a leading zero', '{"name":01}', 'number with leading zero is not allowed: line 1 column 9 (char 8)'],
    ['a bare decimal point', '{"name":1.}', 'no digit after decimal point: line 1 column 11 (char 10)'],
    ['a plus sign', '{"name":+1}', 'no digit after sign: line 1 column 9 (char 8)'],
    ['a raw line break', '{"name":"a\nb"}', 'unexpected control character in string: line 1 column 11 (char 10)'],
    ['an unknown escape', '{"name":"\\x"}', 'invalid escaped sequence in string: line 1 column 10 (char 9)'],
    ['a short \\u', '{"name":"\\u12"}', 'invalid escaped sequence in string: line 1 column 10 (char 9)'],
    ['a lone high surrogate', '{"name":"\\ud800"}', 'no low surrogate in string: line 1 column 10 (char 9)'],
    ['a lone low surrogate', '{"name":"\\udc00"}', 'invalid high surrogate in string: line 1 column 10 (char 9)'],
    ['a byte order mark', '\ufeff{}', 'UTF-8 byte order mark (BOM) is not supported: line 1 column 1 (char 0)'],
    ['a no-break space', '\u00a0{}', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    ['a raw U+0000', '\0{}', 'unexpected character, expected a JSON value: line 1 column 1 (char 0)'],
    [
      'a mistake in the third line, behind letters beyond ASCII',
      '{\n  "name": "ä😀",\n  x}',
      'unexpected character, expected a string key: line 3 column 3 (char 20)',
    ],
  ])('%s', (_what, body, text) => refuses(body, text));
});

// The texts are those of Python's codecs.
describe('§1.8: of bytes that are no text is told where and what they are:', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');

  test.each([
    ['no UTF-8 at all', '\xff\xfe', 'byte 0xff in position 0: invalid start byte'],
    ['a continuation without a start', '{"name":"\x80"}', 'byte 0x80 in position 9: invalid start byte'],
    ['an overlong form', '{"name":"\xc0\xaf"}', 'byte 0xc0 in position 9: invalid start byte'],
    ['what lies beyond Unicode', '{"name":"\xf5"}', 'byte 0xf5 in position 9: invalid start byte'],
    ['Latin-1', '{"name":"\xc3"}', 'byte 0xc3 in position 9: invalid continuation byte'],
    ['a surrogate', '{"name":"\xed\xa0\x80"}', 'byte 0xed in position 9: invalid continuation byte'],
    ['three bytes of four', '{"name":"\xf0\x9f\x92"}', 'bytes in position 9-11: invalid continuation byte'],
    ['a character cut in two', '{"name":"\xc3', 'byte 0xc3 in position 9: unexpected end of data'],
    ['a character cut short', '{"name":"\xe2\x82', 'bytes in position 9-10: unexpected end of data'],
    ['a byte behind sound letters', '{"n\xc3\xa4me":"\xff"}', 'byte 0xff in position 10: invalid start byte'],
    ['bad UTF-8 in what is no JSON either', 'nope\xff', 'byte 0xff in position 4: invalid start byte'],
  ])('%s', (_what, text, where) => refuses(latin1(text), `'utf-8' codec can't decode ${where}`));

  test('what is not in the charset of the Content-Type', () => {
    const text = "'ascii' codec can't decode byte 0xc3 in position 9: ordinal not in range(128)";
    return refuses(latin1('{"name":"\xc3"}'), text, { 'content-type': 'application/json; charset=us-ascii' });
  });

  test('bad UTF-8 in a charset that nobody knows', () => {
    const text = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte";
    return refuses(latin1('\xff'), text, { 'content-type': 'application/json; charset=nope' });
  });

  test('but what is sound in the charset of the Content-Type is read', async () => {
    const headers = { 'content-type': 'application/json; charset=latin-1' };
    const body = latin1('{"name":"M\xfcller","certificate_data":"bad"}');
    await expectRefusal(
      server,
      { method: 'POST', path: PAIRS, body, headers },
      { status: 400, body: { certificate_data: ['Unable to load certificate.'] } },
    );
  });
});

describe('§1.8: malformed JSON', () => {
  const refusal = problem('unexpected end of data: line 1 column 2 (char 1)');

  test.each([
    ['PUT', (): string => `${pair.id}/`],
    ['PATCH', (): string => `${pair.id}/`],
    ['POST', (): string => 'generate/'],
  ] as const)('is refused by %s too', async (method, route) => {
    await expectRefusal(server, { method, path: PAIRS + route(), body: '{' }, refusal);
  });

  test.each(['PUT', 'PATCH'])('is not looked at by %s of a pair that there is not', async (method) => {
    const path = `${PAIRS}${UNKNOWN_ID}/`;
    await expectRefusal(server, { method, path, body: '{' }, { status: 404, body: NO_SUCH_PAIR });
  });

  test('is not looked at where nobody reads a body', async () => {
    expect((await ask(server, { method: 'GET', path: PAIRS, body: '{' })).status).toBe(200);
    const own = await storePair(server, 'deleted');
    expect((await ask(server, { method: 'DELETE', path: `${PAIRS}${own.id}/`, body: '{' })).status).toBe(204);
  });
});
