import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPrivateKey, orderForKey, readCertificates, writeCertificates } from '../../src/x509/index.ts';
import { opensslChain } from '../dialects/strata/support/files.ts';
import { opensslPair } from '../support/openssl.ts';

const chain = opensslChain('order.example');
const stranger = opensslPair('stranger.example');
const certificates = readCertificates(chain.certificate + chain.authority + stranger.certificate);
const key = loadPrivateKey(chain.privateKey);

test('whatever their order, the certificate of the key comes first, its issuer next, and none is lost', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(certificates, { minLength: 3 }), (shuffled) => {
      const ordered = orderForKey(shuffled, key) ?? [];
      expect(writeCertificates(ordered)).toBe(chain.certificate + chain.authority + stranger.certificate);
    }),
  );
});

test('without a certificate of the key there is no order', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = loadPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  expect(orderForKey(certificates, other)).toBeNull();
  expect(orderForKey([], key)).toBeNull();
  expect(orderForKey(certificates, { publicKeyDigest: null })).toBeNull();
});

test('what is no certificate is nobody’s, and stays', () => {
  const [leaf] = certificates;
  expect(orderForKey([Buffer.from('none'), ...(leaf === undefined ? [] : [leaf])], key)?.map(String)).toEqual([
    String(leaf),
    'none',
  ]);
});
