import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const committed = readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8');

test('openapi.yaml is what the routes say: after a change, run "npm run openapi"', async () => {
  const served = await fetch(`${server.url}/api/v3/schema/`);

  expect(served.headers.get('content-type')).toBe('application/vnd.oai.openapi');
  expect(await served.text()).toBe(committed);
});

test('the schema needs no token, and is served as JSON too', async () => {
  const served = await fetch(`${server.url}/api/v3/schema/?format=json`);

  expect(served.headers.get('content-type')).toBe('application/vnd.oai.openapi+json');
  expect(await served.json()).toEqual(parse(committed));
});

test.each([
  ['application/json', 'application/json'],
  ['application/yaml', 'application/yaml'],
  ['application/vnd.oai.openapi+json, text/html', 'application/vnd.oai.openapi+json'],
  ['text/html, */*;q=0.8', 'application/vnd.oai.openapi'],
])('the schema comes as a client accepts it: %s', async (accept, mediaType) => {
  const served = await fetch(`${server.url}/api/v3/schema/`, { headers: { accept } });

  expect(served.headers.get('content-type')).toBe(mediaType);
  expect(parse(await served.text())).toEqual(parse(committed));
});

test('the schema is not to be had as a page, nor in an unknown format', async () => {
  const page = await fetch(`${server.url}/api/v3/schema/`, { headers: { accept: 'text/html' } });
  const format = await fetch(`${server.url}/api/v3/schema/?format=xml`);

  expect([page.status, format.status]).toEqual([406, 404]);
});

test('every reference in openapi.yaml leads to a schema, and every schema is referred to', () => {
  const { components } = parse(committed) as { components: { schemas: Record<string, unknown> } };
  const referred = new Set([...committed.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name));

  expect([...referred].sort()).toEqual(Object.keys(components.schemas).sort());
});

test('a person can browse the API', async () => {
  const page = await fetch(`${server.url}/docs/`);

  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
});
