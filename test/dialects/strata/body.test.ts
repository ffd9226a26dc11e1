import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { containerOf, readBody } from '../../../src/dialects/strata/body.ts';
import { Refusal } from '../../../src/dialects/strata/errors.ts';
import { containerFields } from '../../../src/dialects/strata/schemas.ts';

const schema = z.object({
  ...containerFields,
  name: z.string().min(1).max(63),
  passphrase: z.string().optional(),
  format: z.enum(['pem', 'der']).optional(),
  days: z.int().min(1).max(36_500).optional(),
  isCa: z.boolean().optional(),
  hostname: z.array(z.string().min(1).max(64)).max(3).optional(),
  algorithm: z.union([z.object({ rsa: z.number() }), z.object({ ec: z.number() })]).optional(),
});

const request = (body: Buffer | string | undefined, contentType = 'application/json', query = {}) =>
  ({
    body: typeof body === 'string' ? Buffer.from(body) : body,
    contentType,
    query,
  }) as unknown as FastifyRequest;

/** What a body is refused with. */
function refusalOf(act: () => unknown): Pick<Refusal, 'message' | 'details' | 'status'> {
  try {
    return { message: 'taken', status: 200, details: [JSON.stringify(act())] };
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    const { message, details, status } = error as Refusal;
    return { message, details, status };
  }
}

const reading = (body: Buffer | string | undefined, contentType?: string) =>
  refusalOf(() => readBody(request(body, contentType), schema));
const problemsOf = (fields: object) => reading(JSON.stringify({ name: 'x', ...fields })).details;

describe('§9: a body is JSON', () => {
  test.each([undefined, ''])('Missing Body, whatever type it would have had', (body) => {
    for (const type of ['', 'application/json', 'text/plain']) {
      expect(reading(body, type)).toMatchObject({ status: 400, message: 'Missing Body' });
    }
  });

  test.each([
    ['{"name":"x"}', 'text/plain'],
    ['{"name":"x"}', 'application/x-www-form-urlencoded'],
    ['{"name":"x"}', 'application/json; charset=utf-16'],
    ['{"name":"x"}', 'application/json; charset=iso-8859-1'],
    ['{"name":"x"', 'application/json'],
    [' ', 'application/json'],
    ["{'name':'x'}", 'application/json'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'application/json'],
    [Buffer.from('\ufeff{"name":"x"}', 'utf16le'), 'application/json'],
    ['['.repeat(500_000), 'application/json'],
  ])('Input Format Mismatch: %#', (body, type) => {
    expect(reading(body, type)).toMatchObject({ status: 400, message: 'Input Format Mismatch: input-format=json' });
  });

  test.each([
    ['{"name":"ü"}', ''],
    ['{"name":"ü"}', 'application/json'],
    ['{"name":"ü"}', 'application/json; charset="UTF-8"'],
    ['{"name":"ü"}', 'application/vnd.x+json;charset=utf8'],
    ['\ufeff{"name":"ü"}', 'application/json'],
  ])('is taken: %s as %s', (body, type) => {
    expect(reading(body, type).details).toEqual(['{"name":"ü"}']);
  });

  test.each([
    ['null', 'null'],
    ['[]', 'an array'],
    ['"x"', 'a string'],
    ['1', 'a number'],
    ['true', 'true or false'],
  ])('Invalid Object: %s is none', (body, type) => {
    expect(reading(body)).toEqual({
      status: 400,
      message: 'Invalid Object',
      details: [`body: must be an object, not ${type}`],
    });
  });
});

describe('what is wrong with a field is said by its name, and in words', () => {
  test.each([
    [{ name: undefined }, 'name: is required'],
    [{ name: null }, 'name: must be a string, not null'],
    [{ name: 5 }, 'name: must be a string, not a number'],
    [{ name: '' }, 'name: must not be empty'],
    [{ name: 'x'.repeat(64) }, 'name: must have at most 63 characters'],
    [{ format: 'pkcs7' }, 'format: must be pem or der'],
    [{ days: 0 }, 'days: must be at least 1'],
    [{ days: 36_501 }, 'days: must be at most 36500'],
    [{ days: 1.5 }, 'days: must be a whole number'],
    [{ isCa: 'yes' }, 'isCa: must be true or false, not a string'],
    [{ hostname: 'a' }, 'hostname: must be an array, not a string'],
    [{ hostname: ['a', 1] }, 'hostname[1]: must be a string, not a number'],
    [{ hostname: ['a', 'b', 'c', 'd'] }, 'hostname: must have at most 3 items'],
    [{ algorithm: 1 }, 'algorithm: must be an object, not a number'],
    [{ algorithm: {} }, 'algorithm: has none of the forms that it may have'],
    [{ folder: 'a/b' }, /^folder: must match /],
    [{ name: 'a\0' }, 'name: must be Unicode text without U+0000'],
    [{ name: 'a\ud800' }, 'name: must be Unicode text without U+0000'],
    [{ hostname: ['a', 'b\udfff'] }, 'hostname[1]: must be Unicode text without U+0000'],
  ])('%j', (fields, text) => {
    expect(problemsOf(fields)).toEqual([text instanceof RegExp ? expect.stringMatching(text) : text]);
  });

  test('all of them in one answer', () => {
    expect(problemsOf({ name: 5, isCa: null, hostname: 1 })).toHaveLength(3);
  });

  test('never by what was sent', () => {
    const secret = 'hunter2-canary';
    for (const fields of [
      { passphrase: [secret] },
      { format: secret },
      { passphrase: `${secret}\0` },
      { folder: `${secret}/` },
    ]) {
      expect(problemsOf(fields).join()).not.toContain(secret);
    }
  });

  test('what the schema does not know is passed over', () => {
    expect(reading('{"name":"x","client_kwargs":{"a":"\\u0000"},"__proto__":{"isCa":true}}').details).toEqual([
      '{"name":"x"}',
    ]);
  });
});

describe('§4: the container', () => {
  const containerIn = (body: object, query = {}) =>
    refusalOf(() => {
      const given = request(JSON.stringify({ name: 'x', ...body }), undefined, query);
      return containerOf(given, readBody(given, schema));
    });

  test.each([
    [{ folder: 'Shared' }, {}],
    [{}, { folder: 'Shared' }],
    [{ folder: 'Shared' }, { folder: 'Shared' }],
    [{ folder: 'Shared', snippet: '', device: '' }, { device: '' }],
  ])('%j and %j: is in body or query, or the same in both', (body, query) => {
    expect(containerIn(body, query).details).toEqual(['{"kind":"folder","name":"Shared"}']);
  });

  test.each([
    [{}, {}, 'folder'],
    [{ folder: '' }, {}, 'folder'],
    [{ folder: 'a', snippet: 'b' }, {}, 'snippet'],
    [{ folder: 'a', snippet: 'b', device: 'c' }, {}, 'snippet'],
    [{ folder: 'a' }, { folder: 'b' }, 'folder'],
    [{ folder: 'a' }, { device: 'a' }, 'folder'],
  ])('%j and %j: is one', (body, query, field) => {
    const { message, details } = containerIn(body, query);
    expect([message, details]).toEqual(['Invalid Object', [expect.stringMatching(`^${field}: `)]]);
  });
});
