import { expect, test } from 'vitest';
import { isJsonType, isOfUtf8 } from '../../src/http/index.ts';

test.each([
  ['', true],
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  [' application/json ;x', true],
  ['application/merge-patch+json', true],
  ['application/vnd.x.y-z+JSON', true],
  ['application/x-www-form-urlencoded', false],
  ['text/plain', false],
  ['text/json', false],
  ['application/jsonp', false],
  ['application/+json', false],
  ['json', false],
])('of Content-Types, "%s" is one of JSON: %s', (contentType, isOne) => {
  expect(isJsonType(contentType)).toBe(isOne);
});

test.each([
  ['', true],
  ['application/json', true],
  ['application/json; charset=UTF-8', true],
  ['application/json;charset="utf8"', true],
  ['application/json; charset = us-ascii', true],
  ['application/json; charset=ascii', true],
  ['application/json; charset=iso-8859-1', false],
  ['application/json; charset=utf-16', false],
  ['application/json; a=b; CHARSET=utf-8-sig', false],
])('of Content-Types, "%s" is of UTF-8: %s', (contentType, isOne) => {
  expect(isOfUtf8(contentType)).toBe(isOne);
});
