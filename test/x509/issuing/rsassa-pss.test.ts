import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { issueCertificate, openAuthority, openPrivateKey } from '../../../src/x509/index.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { opensslVerify, printed } from './support/openssl-verify.ts';
import { leaf } from './support/wanted.ts';

const RSA_PSS = ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024'];
const FOR_SHA384 = ['-pkeyopt', 'rsa_pss_keygen_md:sha384', '-pkeyopt', 'rsa_pss_keygen_mgf1_md:sha384'];

const generated = (...options: string[]): string => openssl(['genpkey', ...RSA_PSS, ...options]);

describe.each<[string, string[], string]>([
  ['of any digest', [], 'sha256'],
  ['of one digest', FOR_SHA384, 'sha384'],
])('an RSASSA-PSS key %s', (_what, options, digest) => {
  test('of a CA that openssl made signs so that openssl verifies it', async () => {
    const ca = opensslPair('PSS', [
      ...['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:1024', ...options, `-${digest}`],
      ...['-addext', 'keyUsage=critical,keyCertSign'],
    ]);
    const authority = openAuthority(ca.certificate, ca.privateKey);
    const { notBefore, notAfter } = authority;
    const own = createPublicKey(generated());
    const certificate = await issueCertificate(leaf({ notBefore, notAfter }), own, authority);
    expect(opensslVerify({ certificate, root: ca.certificate })).toMatch(/: OK\n$/);
  });

  test.each([
    ['as OpenSSL holds it', createPrivateKey],
    ['as a plain one', openPrivateKey],
  ])('signs its own certificate, %s', async (_how, open) => {
    const key = generated(...options);
    const certificate = await issueCertificate(leaf(), createPublicKey(key), open(key));
    expect(opensslVerify({ certificate, root: certificate })).toMatch(/: OK\n$/);
    // RFC 4055 §1.2: it enciphers nothing.
    expect(printed(certificate)).toMatch(/Key Usage: critical\n +Digital Signature\n/);
  });
});

test.each<[string, string[], Parameters<typeof leaf>[0], string]>([
  ['PKCS#1 padding', [], { rsaPadding: 'pkcs1' }, 'KEY_CANNOT_SIGN'],
  ['another digest than its own', FOR_SHA384, { digest: 'sha256' }, 'DIGEST_UNFIT'],
  ['a salt longer than the digest', [...FOR_SHA384, '-pkeyopt', 'rsa_pss_keygen_saltlen:49'], {}, 'DIGEST_UNFIT'],
  [
    'another digest for the mask',
    FOR_SHA384.slice(0, 2).concat('-pkeyopt', 'rsa_pss_keygen_mgf1_md:sha1'),
    {},
    'DIGEST_UNFIT',
  ],
  ['encipherment', [], { keyUsage: ['keyEncipherment'] }, 'KEY_USAGE_UNFIT'],
])('an RSASSA-PSS key refuses %s', async (_what, options, changes, code) => {
  const key = generated(...options);
  await expect(issueCertificate(leaf(changes), createPublicKey(key), createPrivateKey(key))).rejects.toMatchObject({
    code,
  });
});
