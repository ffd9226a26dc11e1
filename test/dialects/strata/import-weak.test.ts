import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { base64, exported, imported } from './support/files.ts';
import { weakPairs } from './support/weak-keys.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ strata: { ...readConfig({}).strata, allowWeak: true } });
});
afterAll(() => server.close());

test('keys that are no longer safe are taken where the configuration allows them, and sign requests', async () => {
  for (const [words, { certificate, privateKey }] of weakPairs()) {
    // A key on this curve is read nowhere here, a certificate is.
    const key_file = words === 'secp160r1' ? '' : base64(privateKey);
    const { status, body } = await imported(server, { certificate_file: base64(certificate), key_file });

    expect(status).toBe(201);
    expect((await exported(server, body.id, { format: 'pkcs10' })).status).toBe(key_file === '' ? 400 : 201);
  }
});
