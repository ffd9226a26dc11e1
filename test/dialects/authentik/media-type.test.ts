import { describe, expect, it } from 'vitest';
import { charsetOf, coversJson } from '../../../src/dialects/authentik/media-type.ts';

// What Django REST framework 3.17 negotiated: its JSON renderer and parser name no parameters, so that none matters.
describe('a media range', () => {
  it.each([
    'application/json',
    'APPLICATION/Json',
    ' application/json ',
    'application/json;charset=utf-8',
    'application/json ; charset=latin-1',
    'application/json; q=0',
    'application/json;',
    'application/*',
    '*/json',
    '*/*',
    '*/*;q=0.1',
  ])('%j covers JSON', (range) => {
    expect(coversJson(range)).toBe(true);
  });

  it.each([
    '',
    ' ',
    ';',
    '*',
    'json',
    'application',
    'application/',
    '/json',
    '/',
    'text/json',
    'text/*',
    '*/html',
    'application/xml',
    'application/json+x',
    'application/vnd.api+json',
    'application/problem+json',
    'application/jsonp',
    'application/json/x',
    'application /json',
    'application/ json',
    'text/html; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
  ])('%j does not cover JSON', (range) => {
    expect(coversJson(range)).toBe(false);
  });
});

describe('the charset of a Content-Type', () => {
  it.each([
    ['application/json; charset=utf-8', 'utf-8'],
    ['application/json;charset=UTF-8', 'utf-8'],
    ['application/json; Charset=ISO-8859-1', 'iso-8859-1'],
    ['application/json; charset="utf-16"', 'utf-16'],
    ['application/json; x=y; charset=latin1; z=1', 'latin1'],
    ['application/json', undefined],
    ['application/json; charset=', undefined],
    ['application/json; xcharset=utf-16', undefined],
    ['', undefined],
  ])('of %j is %s', (contentType, charset) => {
    expect(charsetOf(contentType)).toBe(charset);
  });
});
