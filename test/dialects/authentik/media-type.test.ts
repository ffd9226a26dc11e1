import { describe, expect, it } from 'vitest';
import { charsetOf, coversJson, negotiateMediaType } from '../../../src/dialects/authentik/media-type.ts';

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
    ['application/json; charset=latin-1; charset=UTF-8', 'utf-8'],
    ['application/json; charset=', undefined],
    ['application/json; xcharset=utf-16', undefined],
    ['', undefined],
  ])('of %j is %s', (contentType, charset) => {
    expect(charsetOf(contentType)).toBe(charset);
  });
});

// What Django REST framework 3.17 chose among the same renderers.
describe('of the media types of the schema', () => {
  const offered = [
    'application/vnd.oai.openapi',
    'application/yaml',
    'application/vnd.oai.openapi+json',
    'application/json',
  ] as const;

  it.each([
    [undefined, 'application/vnd.oai.openapi'],
    ['*/*', 'application/vnd.oai.openapi'],
    ['application/json', 'application/json'],
    ['application/json, */*', 'application/json'],
    ['*/*, application/yaml', 'application/yaml'],
    ['application/*, application/json;q=0.1', 'application/json'],
    ['application/json, application/yaml', 'application/yaml'],
    ['application/yaml, application/json; indent=4', 'application/json'],
    ['application/yaml; q=0.1, application/json', 'application/yaml'],
    ['text/html, application/*', 'application/vnd.oai.openapi'],
    ['text/html', undefined],
    ['', undefined],
  ])('%j gets %s', (accept, chosen) => {
    expect(negotiateMediaType(accept, offered)).toBe(chosen);
  });
});
