import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrate } from '../../src/database/index.ts';
import { urlOfDatabase } from '../support/database-url.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';

const name = `certkeep_locale_${randomUUID().replaceAll('-', '')}`;
let server: TestServer;

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject('serverUrl') });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

beforeAll(async () => {
  // German rules: letters before their case, umlauts among the vowels; by bytes it is otherwise.
  await administer(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LOCALE 'C'`,
  );
  const url = urlOfDatabase(inject('serverUrl'), name);
  await migrate(url);
  server = await startServer({}, { url, query: async () => [], drop: async () => {} });
});
afterAll(async () => {
  await server.close();
  await administer(`DROP DATABASE ${name} WITH (FORCE)`);
});

test('order and search are the same on a database of another locale', async () => {
  const { certificate } = opensslPair();
  for (const pair of ['b', 'Ä', 'a', 'B', 'ä', 'z', 'straße', '_', 'A']) {
    expect((await server.request('POST', PAIRS, { name: pair, certificate_data: certificate })).status).toBe(201);
  }
  const names = async (query: string) => {
    const list = (await (await server.request('GET', `${PAIRS}?${query}`)).json()) as { results: { name: string }[] };
    return list.results.map((pair) => pair.name);
  };

  expect(await names('')).toEqual(['A', 'B', '_', 'a', 'b', 'straße', 'z', 'Ä', 'ä']);
  expect(await names('ordering=-name')).toEqual(['ä', 'Ä', 'z', 'straße', 'b', 'a', '_', 'B', 'A']);
  expect(await names('search=%C3%A4')).toEqual(['Ä', 'ä']);
  expect(await names('search=STRA%C3%9FE')).toEqual(['straße']);
  expect(await names('search=_')).toEqual(['_']);
  expect(await names('name=a')).toEqual(['a']);
});
