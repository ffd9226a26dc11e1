import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { expectError, NOT_AUTHENTICATED } from './support/envelope.ts';
import { BASES } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const mismatch = (wanted: string) => ({
  status: 400,
  code: 'E003',
  message: `Output Format Mismatch: output-format=json Accept=${wanted}`,
  errorType: 'Output Format Mismatch',
});

describe.each(BASES)('§9: the Accept header at %s', (base) => {
  const path = `${base}/certificates?folder=Shared`;

  test.each([
    null,
    '',
    '*/*',
    '*',
    'application/*',
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;q=0.001',
    'text/html, application/xml;q=0.9, */*;q=0.8',
    'application/*;q=0, application/json',
    '*/*;q=0, application/*;q=0.1',
    'text/x;a="application/json;q=0", application/json',
  ])('lets JSON be sent: %s', async (accept) => {
    const answer = await ask(server, { method: 'GET', path, headers: { accept } });

    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
  });

  test.each([
    ['application/xml', 'xml'],
    ['text/html', 'html'],
    ['text/*', '*'],
    ['text/html, application/xml', 'html'],
    ['application/json;q=0', 'json'],
    ['application/json;q=0.0, */*', 'json'],
    ['application/*; q=0, */*', '*'],
    ['application/vnd.api+json', 'vnd.api+json'],
    ['text/x;a="application/json,application/json"', 'x'],
    [`text/${'x'.repeat(100)}`, `${'x'.repeat(64)}…`],
  ])('excludes JSON: %s', async (accept, wanted) => {
    await expectError(server, { method: 'GET', path, headers: { accept } }, mismatch(wanted));
    await expectError(server, { method: 'PUT', path, headers: { accept } }, mismatch(wanted));
  });

  test('who has no token is told so first', async () => {
    const headers = { accept: 'text/html', authorization: null };
    await expectError(server, { method: 'GET', path, headers }, NOT_AUTHENTICATED);
  });
});
