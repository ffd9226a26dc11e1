import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../../src/dialects/astra/body.ts';
import { Problem } from '../../../src/dialects/astra/errors.ts';
import { changedCertificate, newCertificate } from '../../../src/dialects/astra/schemas.ts';
import { quickest } from '../../support/quickest.ts';

const SOUND = '"type":"application/astra-certificate","version":"1.0"';

function outcomeOf(body: Buffer | string | undefined, schema: typeof changedCertificate | typeof newCertificate) {
  try {
    return readBody({ body: typeof body === 'string' ? Buffer.from(body) : body } as FastifyRequest, schema);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    const { number, extras } = error as Problem;
    return { number, failure: extras.schemaValidationFailure };
  }
}

const reading = (body: Buffer | string | undefined) => outcomeOf(body, changedCertificate);
const failureOf = (fields: string) => reading(`{${SOUND},${fields}}`);

describe('problem 7: what is no JSON in UTF-8', () => {
  test.each([
    ['no body', undefined],
    ['an empty one', ''],
    ['a blank', ' '],
    ['half an object', '{'],
    ['single quotes', "{'type':1}"],
    ['two values', '{}{}'],
    ['a trailing comma', `{${SOUND},}`],
    ['NaN', 'NaN'],
    ['a byte that is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['half a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from(`\ufeff{${SOUND}}`, 'utf16le')],
    ['a compressed body', gzipSync(`{${SOUND}}`)],
    ['100,000 brackets that are not closed', '['.repeat(100_000)],
  ])('%s', (_what, body) => {
    expect(reading(body)).toEqual({ number: 7, failure: undefined });
  });
});

test('a byte order mark is passed over', () => {
  expect(reading(`\ufeff{${SOUND}}`)).toEqual({ type: 'application/astra-certificate', version: '1.0' });
});

test.each(['null', '[]', '"x"', '1', 'true', `${'['.repeat(100_000)}${']'.repeat(100_000)}`])(
  'problem 8: %.10s is no object',
  (body) => {
    expect(reading(body)).toEqual({ number: 8, failure: expect.stringMatching(/^body: must be an object/) });
  },
);

test('problem 8: what is no object of any members is told in the same words', () => {
  const detail = '{"type":"urn:x","title":"x","detail":"x","additionalDetails":1}';
  expect(failureOf(`"trustStateDetails":[${detail}]`)).toEqual({
    number: 8,
    failure: 'trustStateDetails[0].additionalDetails: must be an object, not a number',
  });
});

describe('unknown fields', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('%j is one', (name) => {
    expect(failureOf(`${JSON.stringify(name)}:{}`)).toEqual({ number: 8, failure: `${name}: there is no such field` });
    expect(failureOf(`"metadata":{${JSON.stringify(name)}:{}}`)).toEqual({
      number: 8,
      failure: `metadata.${name}: there is no such field`,
    });
  });

  test('also where a known one stands twice; of that the last counts, as everywhere in JavaScript', () => {
    expect(failureOf('"version":"1.1","colour":1,"colour":2')).toEqual({
      number: 8,
      failure: 'colour: there is no such field',
    });
    expect(failureOf('"version":"1.1"')).toMatchObject({ version: '1.1' });
  });

  test('a long name is cut between characters, and one that looks like a secret is not shown', () => {
    expect(failureOf(`"${'🔑'.repeat(5000)}":1`)).toEqual({
      number: 8,
      failure: `${'🔑'.repeat(64)}…: there is no such field`,
    });
    const { failure } = failureOf(`"-----BEGIN PRIVATE KEY-----AAAA":1`) as { failure: string };
    expect(failure).not.toContain('AAAA');
  });
});

test('a rule of a field comes before an unknown one, and the fields in the order of the contract', () => {
  expect(reading('{"colour":1}')).toEqual({ number: 8, failure: 'type: is required' });
  expect(outcomeOf(`{${SOUND},"colour":1}`, newCertificate)).toEqual({ number: 8, failure: 'cert: is required' });
});

test.each([
  ['350,000 labels that are none', `"metadata":{"labels":[${'{},'.repeat(349_999)}{}]}`, 'metadata.labels[0].name'],
  ['as many transitions', `"trustStateTransitions":[${'{},'.repeat(349_999)}{}]`, 'trustStateTransitions[0].from'],
  ['as many states', `"trustStateTransitions":[{"from":"trusted","to":[${'1,'.repeat(499_999)}1]}]`, 'to[0]'],
  ['100,000 unknown fields', Array.from({ length: 100_000 }, (_, index) => `"f${index}":1`).join(), 'f0'],
  ['a million characters that are no base64', `"cert":"${'A'.repeat(1_000_001)}"`, 'cert'],
  ['a million that are hardly a name', `"cn":"${'🔑'.repeat(250_000)}"`, 'cn'],
])('one failure is told of a large body, in less than half a second: %s', async (_what, fields, path) => {
  const body = Buffer.from(`{${SOUND},${fields}}`);
  const read = () => outcomeOf(body, changedCertificate) as { number: number; failure: string };
  const { number, failure } = read();

  expect([number, failure]).toEqual([8, expect.stringContaining(`${path}: `)]);
  expect(failure.length).toBeLessThan(200);
  expect(await quickest(read, 500)).toBeLessThan(500);
});

test('whatever JSON comes is read, or refused by problem 8', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const outcome = reading(json);
      expect('number' in outcome ? outcome.number : 8).toBe(8);
    }),
  );
});

test('whatever bytes come are read, or refused by problem 7 or 8', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      expect([7, 8]).toContain((reading(Buffer.from(bytes)) as { number: number }).number);
    }),
  );
});
