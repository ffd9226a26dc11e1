import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AlgEnum as AlgEnum2024 } from 'goauthentik-api-2024/dist/models/AlgEnum.js';
import { AlgEnum as AlgEnum2026 } from 'goauthentik-api-2026/dist/models/AlgEnum.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import {
  type CertificateKeyPair2024,
  type CertificateKeyPair2026,
  type Client,
  connect2024,
  connect2026,
  keyTypeOf,
} from './clients.ts';
import { detailsOf, uniqueName } from './pairs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const KEY_TYPES = { rsa: 'rsa', ecdsa: 'ec', ed25519: 'ed25519', ed448: 'ed448' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The algorithms that a release knows by name; its last member stands for those that it doesn't. */
function named<Algorithm extends string>(algorithms: Readonly<Record<string, Algorithm>>) {
  return Object.values(algorithms).filter(
    (algorithm): algorithm is Algorithm & keyof typeof KEY_TYPES => algorithm in KEY_TYPES,
  );
}

function requested(algorithm: keyof typeof KEY_TYPES) {
  const commonName = uniqueName(algorithm);
  return { commonName, subjectAltName: 'a.example,b.example', validityDays: 42, alg: algorithm };
}

async function expectGenerated(
  { crypto }: Client,
  { commonName, alg }: ReturnType<typeof requested>,
  pair: CertificateKeyPair2024 | CertificateKeyPair2026,
): Promise<void> {
  const kpUuid = pair.pk;
  const certificate = (await crypto.cryptoCertificatekeypairsViewCertificateRetrieve({ kpUuid })).data;
  const privateKey = (await crypto.cryptoCertificatekeypairsViewPrivateKeyRetrieve({ kpUuid })).data;
  const read = new X509Certificate(certificate);
  const { certSubject, ...details } = detailsOf(certificate);

  expect(pair).toMatchObject({ name: commonName, privateKeyAvailable: true, ...details });
  expect(certSubject.split('\n')).toContain(`CN=${commonName}`);
  expect(pair.certSubject).toBe(`OU=Self-signed,O=authentik,CN=${commonName}`);
  expect(keyTypeOf(pair)).toBe(KEY_TYPES[alg]);
  expect(read.publicKey.asymmetricKeyType).toBe(KEY_TYPES[alg]);
  expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  expect(read.subjectAltName).toBe('DNS:a.example, DNS:b.example');
  const days = (Date.parse(read.validTo) - Date.now()) / DAY_MS;
  expect(Math.abs(days - 42)).toBeLessThan(0.1);
}

test.each(named(AlgEnum2026))('the TypeScript client of 2026.8.3 generates %s', async (algorithm) => {
  const client = connect2026(server);
  const request = requested(algorithm);
  const pair = await client.crypto.cryptoCertificatekeypairsGenerateCreate({ certificateGenerationRequest: request });
  await expectGenerated(client, request, pair);
});

test.each(named(AlgEnum2024))('the TypeScript client of 2024.8.3 generates %s', async (algorithm) => {
  const client = connect2024(server);
  const request = requested(algorithm);
  const pair = await client.crypto.cryptoCertificatekeypairsGenerateCreate({
    certificateGenerationRequest: { ...request, alg: algorithm },
  });
  await expectGenerated(client, request, pair);
});

test('the clients name four algorithms in 2026.8.3 and two in 2024.8.3', () => {
  expect(named(AlgEnum2026)).toEqual(['rsa', 'ecdsa', 'ed25519', 'ed448']);
  expect(named(AlgEnum2024)).toEqual(['rsa', 'ecdsa']);
});
