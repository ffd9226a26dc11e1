import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../../support/server.ts';
import { type Pair, storePair } from './support/material.ts';
import {
  ALLOW,
  ask,
  expectRefusal,
  NO_CREDENTIALS,
  NO_SUCH_PAIR,
  NOT_ACCEPTABLE,
  NOT_FOUND,
  TOKEN_INVALID,
  UNKNOWN_ID,
} from './support/refusal.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await storePair(server, 'stored');
});
afterAll(() => server.close());

const unsupported = (type: string) => ({
  status: 415,
  body: { detail: `Unsupported media type "${type}" in request.` },
});

const WRITES = [
  ['POST', () => ''],
  ['POST', () => 'generate/'],
  ['PUT', () => `${pair.id}/`],
  ['PATCH', () => `${pair.id}/`],
] as const;

describe('§1.8: a body of another type than JSON is refused, its type quoted whole:', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain;charset=UTF-8',
    'text/json',
    'application/vnd.api+json',
    'application/problem+json; profile="x"',
    'application/merge-patch+json',
    'application/jsonp',
    'application/octet-stream',
    'application/x-pem-file',
    'foo',
    '/json',
    'application/',
    ';charset=utf-8',
    'text/plain, application/json',
  ])('%s', async (type) => {
    for (const [method, route] of WRITES) {
      const asking = { method, path: PAIRS + route(), body: '{"name":"new"}', headers: { 'content-type': type } };
      await expectRefusal(server, asking, unsupported(type));
    }
  });

  test('no type at all', async () => {
    for (const [method, route] of WRITES) {
      const asking = { method, path: PAIRS + route(), body: '{"name":"new"}', headers: { 'content-type': null } };
      await expectRefusal(server, asking, unsupported(''));
    }
  });

  test.each(['APPLICATION/JSON', 'application/json;charset=utf-8', 'application/json ; x=y', 'application/*', '*/*'])(
    'but not %s',
    async (type) => {
      const asking = { method: 'POST', path: PAIRS, body: '[]', headers: { 'content-type': type } };
      const text = 'Invalid data. Expected a dictionary, but got list.';
      await expectRefusal(server, asking, { status: 400, body: { non_field_errors: [text] } });
    },
  );

  test('but not an empty body, which has no type', async () => {
    const asking = { method: 'POST', path: PAIRS, body: '', headers: { 'content-type': 'text/plain' } };
    const required = ['This field is required.'];
    await expectRefusal(server, asking, { status: 400, body: { name: required, certificate_data: required } });
    expect((await ask(server, { ...asking, method: 'PATCH', path: `${PAIRS}${pair.id}/` })).status).toBe(200);
  });

  test('only once it is known who asks, and for what', async () => {
    const asking = { method: 'POST', path: PAIRS, body: 'x' };
    const headers = { 'content-type': 'text/plain' };
    const anonymous = { ...asking, headers: { ...headers, authorization: null } };
    await expectRefusal(server, anonymous, { status: 403, body: NO_CREDENTIALS });
    const unknown = { ...asking, method: 'PUT', path: `${PAIRS}${UNKNOWN_ID}/`, headers };
    await expectRefusal(server, unknown, { status: 404, body: NO_SUCH_PAIR });
  });
});

/** One request for each operation. Those with a body would be refused for it, were it looked at. */
const OPERATIONS = [
  ['GET', () => '', ALLOW.list],
  ['POST', () => '', ALLOW.list],
  ['PUT', () => '', ALLOW.list],
  ['OPTIONS', () => '', ALLOW.list],
  ['POST', () => 'generate/', ALLOW.generate],
  ['GET', () => `${pair.id}/`, ALLOW.detail],
  ['PUT', () => `${pair.id}/`, ALLOW.detail],
  ['PATCH', () => `${pair.id}/`, ALLOW.detail],
  ['DELETE', () => `${pair.id}/`, ALLOW.detail],
  ['GET', () => `${UNKNOWN_ID}/`, ALLOW.detail],
  ['GET', () => `${pair.id}/view_certificate/`, ALLOW.view],
  ['GET', () => `${pair.id}/view_certificate/?download`, ALLOW.view],
  ['GET', () => `${pair.id}/view_private_key/`, ALLOW.view],
  ['GET', () => `${pair.id}/view_private_key/?download`, ALLOW.view],
  ['GET', () => `${pair.id}/used_by/`, ALLOW.view],
] as const;

describe.each(OPERATIONS)('%s %s', (method, route, allow) => {
  const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{' : undefined;

  test.each([
    'text/html',
    'text/*',
    'application/xml',
    'application/x-pem-file',
    'application/jsonp',
    'application/vnd.api+json',
    'json',
    '',
    'text/html, application/xml;q=0.9, image/*;q=0.8',
  ])('§1.6, §1.8: can not satisfy Accept: %j', async (accept) => {
    const asking = { method, path: PAIRS + route(), body, headers: { accept } };
    await expectRefusal(server, asking, { status: 406, body: NOT_ACCEPTABLE, allow });
  });

  test.each(['api', 'xml', 'JSON', 'json '])('§1.8: finds no format %j', async (format) => {
    const path = PAIRS + route();
    const asking = {
      method,
      path: `${path}${path.includes('?') ? '&' : '?'}format=${encodeURIComponent(format)}`,
      body,
    };
    await expectRefusal(server, asking, { status: 404, body: NOT_FOUND, allow });
  });

  test.each([
    ['nobody', null],
    ['an invalid token', 'Bearer nope'],
  ])('§1.8: says so before it looks at a token, also to %s', async (_who, authorization) => {
    const asking = { method, path: PAIRS + route(), body };
    const html = { ...asking, headers: { authorization, accept: 'text/html' } };
    await expectRefusal(server, html, { status: 406, body: NOT_ACCEPTABLE, allow });
    const path = `${asking.path}${asking.path.includes('?') ? '&' : '?'}format=api`;
    const api = { ...asking, path, headers: { authorization } };
    await expectRefusal(server, api, { status: 404, body: NOT_FOUND, allow });
  });
});

describe('§1.8: JSON is to be had by', () => {
  test.each([
    ['', '*/*'],
    ['', 'application/*'],
    ['', 'APPLICATION/JSON'],
    ['', 'application/json;q=0'],
    ['', 'text/html, */*;q=0.1'],
    ['?format=json', 'application/json'],
    ['?format=', 'application/json'],
    ['?format=api&format=json', 'application/json'],
  ])('GET %s with Accept: %s', async (query, accept) => {
    const answer = await ask(server, { method: 'GET', path: PAIRS + query, headers: { accept } });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  });

  test('an invalid token is refused in it', async () => {
    const asking = { method: 'GET', path: `${PAIRS}?format=json`, headers: { authorization: 'Bearer nope' } };
    await expectRefusal(server, asking, { status: 403, body: TOKEN_INVALID });
  });
});
