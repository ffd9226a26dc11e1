import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificateRequest } from '../../../src/x509/index.ts';
import { opensslWith } from '../pkcs12/support/openssl-files.ts';
import { commonName, fromPem, hex, integer, sequence, tlv } from '../support/der.ts';

const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const SHA2 = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const SHA3 = ['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'];

describe.each<[string, KeyObject, readonly string[]]>([
  [
    'RSA',
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ['md5', ...SHA2, 'sha512-224', 'sha512-256', ...SHA3],
  ],
  ['ECDSA', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey, [...SHA2, ...SHA3]],
  ['DSA', generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey, SHA2],
])('a request that openssl signed by %s', (_, key, digests) => {
  test.each(digests)('with %s verifies, and does not with a bit changed', (digest) => {
    const command = ['req', '-new', '-key', '@key', '-subj', '/CN=a', `-${digest}`];
    const request = opensslWith({ key: pemOf(key) }, command).printed;
    expect(readCertificateRequest(request).facts.signatureValid).toBe(true);
    const changed = fromPem(request);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    expect(readCertificateRequest(changed).facts.signatureValid).toBe(false);
  });
});

describe('no signature is valid', () => {
  const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
  const rsa = spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const ec = spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
  const broken = sequence(
    sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 01'), hex('05 00')),
    tlv(0x03, Buffer.from([0]), sequence(integer(1n))),
  );
  const pss = (...parameters: Buffer[]): Buffer => sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0a'), ...parameters);
  const sha256WithRsa = sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0b'), hex('05 00'));

  test.each<[string, Buffer, Buffer]>([
    ['of RSASSA-PSS with a key on a curve', ec, pss(sequence())],
    ['of RSASSA-PSS with a key that is none', broken, pss(sequence())],
    ['of RSA with a key that is none', broken, sha256WithRsa],
    ['of RSA with a key on a curve', ec, sha256WithRsa],
    ['of ECDSA with a key of RSA', rsa, sequence(hex('06 08 2a 86 48 ce 3d 04 03 02'))],
    ['of an algorithm that nobody knows', rsa, sequence(hex('06 03 2a 03 04'))],
    ['of RSASSA-PSS that is nothing but zeros', rsa, pss(sequence())],
  ])('%s', (_, publicKey, algorithm) => {
    const info = sequence(integer(0n), commonName('a'), publicKey, tlv(0xa0));
    const request = sequence(info, algorithm, tlv(0x03, Buffer.alloc(129)));
    expect(readCertificateRequest(request).facts.signatureValid).toBe(false);
  });
});
