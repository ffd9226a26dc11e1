import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBody } from '../../../src/dialects/authentik/body.ts';
import { Refusal, wordFieldProblem } from '../../../src/dialects/authentik/errors.ts';
import { readFields } from '../../../src/dialects/authentik/fields.ts';
import { generateRequest, keypairRequest, patchedKeypairRequest } from '../../../src/dialects/authentik/schemas.ts';

const REQUIRED = 'This field is required.';
const BLANK = 'This field may not be blank.';
const NULL = 'This field may not be null.';
const NOT_A_STRING = 'Not a valid string.';
const NULL_CHARACTERS = 'Null characters are not allowed.';
const NOT_AN_INTEGER = 'A valid integer is required.';

function request(json: string | Buffer, contentType = 'application/json'): FastifyRequest {
  return { body: Buffer.from(json), contentType } as FastifyRequest;
}

/** What a body gives by these rules: the values, and the texts that the answer would show. */
function read<Shape extends Record<string, z.ZodType>>(schema: z.ZodObject<Shape>, json: string) {
  const { values, problems } = readFields(schema, readBody(request(json)));
  return {
    values,
    problems: Object.fromEntries([...problems].map(([name, problem]) => [name, wordFieldProblem(problem)])),
  };
}

/** The value of one field, or the text of its refusal. */
function readOne<Shape extends Record<string, z.ZodType>>(
  schema: z.ZodObject<Shape>,
  name: string,
  json: string,
): unknown {
  const { values, problems } = read(schema, `{${JSON.stringify(name)}:${json}}`);
  return problems[name] ?? (values as Record<string, unknown>)[name];
}

// Contract §1.2; values and texts are those of Django REST framework 3.17.
describe.each(['name', 'certificate_data', 'key_data'])('the text field %s', (field) => {
  const blank = (text: string) => (field === 'key_data' ? text : BLANK);

  it.each([
    ['"x"', 'x'],
    ['" x\\n"', 'x'],
    ['"\\u00a0\\u2003x\\u3000"', 'x'],
    ['"\\u200bx\\ufeff"', '\u200bx\ufeff'],
    ['"a\\r\\n b\\n"', 'a\r\n b'],
    ['"\\u200b"', '\u200b'],
    ['5', '5'],
    ['-5', '-5'],
    ['1.0', '1.0'],
    ['1e5', '100000.0'],
    ['1e22', '1e+22'],
    ['12345678901234567890', '12345678901234567890'],
    ['""', blank('')],
    ['" \\n\\t "', blank('')],
    ['"\\u00a0"', blank('')],
    ['null', NULL],
    ['true', NOT_A_STRING],
    ['false', NOT_A_STRING],
    ['{}', NOT_A_STRING],
    ['[]', NOT_A_STRING],
    ['["x"]', NOT_A_STRING],
    ['"a\\u0000b"', NULL_CHARACTERS],
    ['"\\u0000"', NULL_CHARACTERS],
  ])('makes of %s: %j', (json, expected) => {
    expect(readOne(keypairRequest, field, json)).toBe(expected);
    expect(readOne(patchedKeypairRequest, field, json)).toBe(expected);
  });
});

describe('the fields of a pair', () => {
  it('are refused together, each for its own reason', () => {
    expect(read(keypairRequest, '{"name":" ","certificate_data":null,"key_data":[]}')).toEqual({
      values: {},
      problems: { name: BLANK, certificate_data: NULL, key_data: NOT_A_STRING },
    });
  });

  it('keep the sound ones beside the refused', () => {
    expect(read(keypairRequest, '{"name":7}')).toEqual({
      values: { name: '7', key_data: undefined },
      problems: { certificate_data: REQUIRED },
    });
  });

  it('require name and certificate_data, and in a PATCH nothing', () => {
    const nothing = { name: undefined, certificate_data: undefined, key_data: undefined };
    expect(read(keypairRequest, '{}').problems).toEqual({ name: REQUIRED, certificate_data: REQUIRED });
    expect(read(patchedKeypairRequest, '{}')).toEqual({ values: nothing, problems: {} });
  });

  it('are all that is read of a body', () => {
    const json = '{"name":"n","certificate_data":"c","pk":1,"managed":"m","key_type":[],"__proto__":{"key_data":true}}';
    expect(read(keypairRequest, json)).toEqual({
      values: { name: 'n', certificate_data: 'c', key_data: undefined },
      problems: {},
    });
  });

  it('are not found on the prototype of a body', () => {
    const schema = z.object({ toString: keypairRequest.shape.name });
    expect(read(schema, '{}').problems).toEqual({ toString: REQUIRED });
    expect(read(schema, '').problems).toEqual({ toString: REQUIRED });
  });
});

// Contract §1.4; values and texts are those of Django REST framework 3.17.
describe('validity_days', () => {
  it.each([
    ['3', 3n],
    ['"3"', 3n],
    ['" 3 "', 3n],
    ['3.0', 3n],
    ['"3.0"', 3n],
    ['"3."', 3n],
    ['"3.00 "', 3n],
    ['"3 .0"', 3n],
    ['"1_0"', 10n],
    ['"+5"', 5n],
    ['"\\u0663"', 3n],
    ['0', 0n],
    ['-0.0', 0n],
    ['-1', -1n],
    ['"-2"', -2n],
    ['1e3', 1000n],
    ['12345678901234567890', 12345678901234567890n],
    [`"${'1'.repeat(1000)}"`, BigInt('1'.repeat(1000))],
  ])('reads %s', (json, expected) => {
    expect(readOne(generateRequest, 'validity_days', json)).toBe(expected);
  });

  it.each([
    ...['1.5', '"1.5"', 'true', 'false', '""', '" "', '"1e3"', '1e22', '1e30', '[]', '[3]', '{}', '"abc"', '"0x10"'],
    ...['"3\\u0000"', '"3.0\\ufeff"', '100000000000000000000000000000'],
  ])('refuses %s', (json) => {
    expect(readOne(generateRequest, 'validity_days', json)).toBe(NOT_AN_INTEGER);
  });

  it.each([
    ['null', NULL],
    [`"${'1'.repeat(1001)}"`, 'String value too large.'],
    [`"${' '.repeat(1001)}"`, 'String value too large.'],
  ])('refuses %s in other words', (json, expected) => {
    expect(readOne(generateRequest, 'validity_days', json)).toBe(expected);
  });

  it('is required, like common_name and nothing else', () => {
    expect(read(generateRequest, '{}').problems).toEqual({ common_name: REQUIRED, validity_days: REQUIRED });
  });
});

describe('alg', () => {
  it.each(['rsa', 'ecdsa', 'ed25519', 'ed448'])('may be %s', (algorithm) => {
    expect(readOne(generateRequest, 'alg', JSON.stringify(algorithm))).toBe(algorithm);
  });

  it.each([
    ['"foo"', 'foo'],
    ['"RSA"', 'RSA'],
    ['" rsa"', ' rsa'],
    ['""', ''],
    ['1', '1'],
    ['1.0', '1.0'],
    ['12345678901234567890', '12345678901234567890'],
    ['true', 'True'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['["rsa"]', "['rsa']"],
    ['{"a":null,"b":true}', "{'a': None, 'b': True}"],
    ['["it\'s","a\\"b","\'\\""]', `["it's", 'a"b', '\\'"']`],
    ['["\\\\\\n\\r\\t\\u0000\\u00a0\\u200b\\ufeffé😀 "]', String.raw`['\\\n\r\t\x00\xa0\u200b\ufeffé😀 ']`],
  ])('refuses %s, as Python writes it', (json, written) => {
    expect(readOne(generateRequest, 'alg', json)).toBe(`"${written}" is not a valid choice.`);
  });

  it('may be absent, and not null', () => {
    expect(read(generateRequest, '{"common_name":"n","validity_days":1}').problems).toEqual({});
    expect(readOne(generateRequest, 'alg', 'null')).toBe(NULL);
  });
});

describe('subject_alt_name', () => {
  it.each([
    ['""', ''],
    ['" "', ''],
    ['" a, b "', 'a, b'],
    ['null', NULL],
    ['[]', NOT_A_STRING],
  ])('makes of %s: %j', (json, expected) => {
    expect(readOne(generateRequest, 'subject_alt_name', json)).toBe(expected);
  });
});

describe('a body', () => {
  function refusalOf(json: string | Buffer, contentType?: string): unknown {
    try {
      readBody(request(json, contentType));
    } catch (error) {
      return error instanceof Refusal ? [error.status, error.body] : error;
    }
    return undefined;
  }

  it.each([
    ['[]', 'list'],
    ['"x"', 'str'],
    ['5', 'int'],
    ['1.5', 'float'],
    ['1e3', 'float'],
    ['true', 'bool'],
  ])('that is %s is refused as a %s', (json, type) => {
    const text = `Invalid data. Expected a dictionary, but got ${type}.`;
    expect(refusalOf(json)).toEqual([400, { non_field_errors: [text] }]);
  });

  it('that is null holds no data', () => {
    expect(refusalOf('null')).toEqual([400, { non_field_errors: ['No data provided'] }]);
  });

  it('of no bytes is an empty object, whatever its type', () => {
    expect(readBody(request('', 'text/plain'))).toEqual({});
  });

  it('that is not UTF-8 is refused at the first wrong byte', () => {
    const text = "JSON parse error - 'utf-8' codec can't decode byte 0xff in position 3: invalid start byte";
    expect(refusalOf(Buffer.from([0x22, 0xc3, 0xa9, 0xff, 0x22]))).toEqual([400, { detail: text }]);
  });

  it('is read in the charset that its type names', () => {
    const latin = request(Buffer.from('{"name":"é"}', 'latin1'), 'application/json; charset=ISO-8859-1');
    expect(readBody(latin)).toEqual({ name: 'é' });
    const unknown = request('{"name":"é"}', 'application/json; charset=klingon');
    expect(readBody(unknown)).toEqual({ name: 'é' });
  });
});
