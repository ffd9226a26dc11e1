import { expect, onTestFinished, test } from 'vitest';
import { generateToken } from '../../src/access/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { createDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { commandOn } from '../support/store.ts';
import { until } from '../support/until.ts';

const LACKING = [503, '30', { detail: 'This server lacks a key-encryption key. Try again later.' }];

test('a server that a forced rotation passed over answers 503 to what needs the new key, and serves all else', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const [old, young, bootstrapToken] = [generateKek(), generateKek(), generateToken()];
  const server = await startServer({ kek: old, bootstrapToken }, database);
  onTestFinished(() => server.close());
  const { certificate, privateKey } = opensslPair();
  const body = (name: string) => ({ name, certificate_data: certificate, key_data: privateKey });
  const created = await server.request('POST', PAIRS, body('passed over'));
  const { pk } = (await created.json()) as { pk: string };

  const { keks } = await commandOn(database, `${old},${young}`);
  const watcher = { onBegin() {}, onProgress() {}, onFailure() {} };
  await keks.rotate({ force: true, watcher });

  const answered = async (method: string, path: string, sent?: object) => {
    const answer = await server.request(method, path, sent);
    return [answer.status, answer.headers.get('retry-after'), await answer.json()];
  };
  expect(await answered('GET', `${PAIRS}${pk}/view_private_key/`)).toEqual(LACKING);
  // Which key seals it believes for some seconds; what it seals until then, the others open.
  let attempts = 0;
  await until(async () => (await server.request('POST', PAIRS, body(`late ${attempts++}`))).status !== 201);
  expect(await answered('POST', PAIRS, body('refused'))).toEqual(LACKING);
  const generation = { common_name: 'refused', validity_days: 1, alg: 'ecdsa' };
  expect(await answered('POST', `${PAIRS}generate/`, generation)).toEqual(LACKING);

  expect((await server.request('GET', `${PAIRS}${pk}/view_certificate/`)).status).toBe(200);
  expect((await server.request('GET', '/-/health/ready/')).status).toBe(503);

  const helped = await startServer({ kek: `${old},${young}`, bootstrapToken }, database);
  onTestFinished(() => helped.close());
  const opened = await helped.request('GET', `${PAIRS}${pk}/view_private_key/`);
  expect(await opened.json()).toEqual({ data: privateKey.trim() });
});
