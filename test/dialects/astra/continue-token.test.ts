import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Continuation,
  continuationOf,
  continueToken,
  type Walk,
} from '../../../src/dialects/astra/continue-token.ts';
import { authenticatedTexts } from '../../../src/http/index.ts';
import type { KeypairId } from '../../../src/keypairs/index.ts';

const idOf = (uuid: string) => uuid as KeypairId;
const [key, other] = [randomBytes(32), randomBytes(32)];
const texts = authenticatedTexts([key]);
const walk: Walk = {
  account: randomUUID(),
  filters: ["cn in 'a'", "certUse eq 'rootCA'"],
  include: 'cn,id',
  orderBy: 'cn desc',
};
const place: Continuation = {
  after: { value: 'Größe\u0000\ud83d\ude00"', id: idOf(randomUUID()) },
  at: new Date('2026-05-04T09:00:00.123Z'),
};
const token = continueToken(texts, walk, place);

test('leads back to the place that it was made of, as standard base64', () => {
  expect(token).toMatch(/^([A-Za-z0-9+/]{4})*(([A-Za-z0-9+/]{2})==|([A-Za-z0-9+/]{3})=)?$/);
  expect(continuationOf(texts, walk, token)).toEqual(place);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uuid(), fc.date({ noInvalidDate: true }), (value, id, at) => {
      const anyPlace = { after: { value, id: idOf(id) }, at };
      expect(continuationOf(texts, walk, continueToken(texts, walk, anyPlace))).toEqual(anyPlace);
    }),
  );
});

test('stays small, whatever is filtered by', () => {
  const filters = Array.from({ length: 20 }, () => `cn in '${'a'.repeat(2000)}'`);
  expect(continueToken(texts, { ...walk, filters }, place).length).toBeLessThan(400);
});

test('is recovered where its plus signs came as blanks', () => {
  const tokens = Array.from({ length: 40 }, (_, index) =>
    continueToken(texts, walk, { ...place, at: new Date(index) }),
  ).filter((each) => each.includes('+'));
  expect(tokens.length).toBeGreaterThan(0);
  for (const each of tokens) {
    expect(continuationOf(texts, walk, each.replaceAll('+', ' '))).toBeDefined();
  }
});

test('altered at any position it is nothing', () => {
  for (let index = 0; index < token.length; index += 1) {
    const changed = token[index] === 'A' ? 'B' : 'A';
    const altered = token.slice(0, index) + changed + token.slice(index + 1);
    expect([index, continuationOf(texts, walk, altered)]).toEqual([index, undefined]);
    expect([index, continuationOf(texts, walk, token.slice(0, index))]).toEqual([index, undefined]);
    expect([index, continuationOf(texts, walk, `${token.slice(0, index)}A${token.slice(index)}`)]).toEqual([
      index,
      undefined,
    ]);
  }
});

test.each<[string, Partial<Walk>]>([
  ['another account', { account: randomUUID() }],
  ['one filter less', { filters: ["cn in 'a'"] }],
  ['other filters', { filters: ["cn in 'a'", "certUse eq 'intermediateCA'"] }],
  ['filters in another order', { filters: ["certUse eq 'rootCA'", "cn in 'a'"] }],
  ['other fields', { include: 'id,cn' }],
  ['whole resources', { include: undefined }],
  ['another order', { orderBy: 'cn' }],
  ['no order', { orderBy: undefined }],
])('is nothing in a walk of %s', (_what, change) => {
  expect(continuationOf(texts, { ...walk, ...change }, token)).toBeUndefined();
});

test('is nothing where it was made with another key, or is of another form', () => {
  expect(continuationOf(authenticatedTexts([other]), walk, token)).toBeUndefined();
  expect(continuationOf(authenticatedTexts([other, key]), walk, token)).toEqual(place);
  for (const content of ['[2,"","","",0]', '{}', 'null', '[]']) {
    expect(continuationOf(texts, walk, texts.protect(content))).toBeUndefined();
  }
  for (const text of ['', ' ', 'eyJjb2xsZWN0aW9uSW5kZXgiOjZ9', 'é', '%00', '\u0000']) {
    expect(continuationOf(texts, walk, text)).toBeUndefined();
  }
});
