import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { storePair } from './errors/support/material.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const encryptedKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
const NO_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

async function loggedReasons(method: string, path: string, body: object) {
  const response = await server.request(method, path, body);
  expect(response.status).toBe(400);
  const id = response.headers.get('x-authentik-id');
  return server.log().find(({ msg, reqId }) => msg === 'request refused' && reqId === id)?.reasons;
}

test.each(['POST', 'PUT', 'PATCH'])(
  'a %s that is refused in few words leaves the exact reasons in the log',
  async (method) => {
    const pair = await storePair(server, `stored for ${method}`);
    const path = method === 'POST' ? PAIRS : `${PAIRS}${pair.id}/`;
    const body = { name: `other for ${method}`, certificate_data: NO_CERTIFICATE, key_data: encryptedKey() };

    expect(await loggedReasons(method, path, body)).toEqual({
      certificate_data: 'Not a certificate: a tag other than 0x30',
      key_data: 'Not a private key: the private key is encrypted',
    });
  },
);

test('a problem that its words tell whole has no line of its own in the log', async () => {
  expect(await loggedReasons('POST', PAIRS, { name: '', certificate_data: '' })).toBeUndefined();
});
