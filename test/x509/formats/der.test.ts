import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BeyondLimits,
  exportPrivateKey,
  loadCertificate,
  loadCertificateDer,
  loadPrivateKey,
  loadPrivateKeyDer,
  NotACertificate,
  NotAPrivateKey,
  readCertificates,
  writeCertificates,
  writePrivateKey,
  X509Error,
} from '../../../src/x509/index.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { certificate, commonName, fromPem, hex, integer, pem, sequence, tlv } from '../support/der.ts';

const pair = opensslPair();
const rsa = openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']);

describe('certificates', () => {
  test('DER gives the facts that PEM gives', () => {
    const der = fromPem(pair.certificate);
    expect(openssl(['x509', '-inform', 'PEM', '-noout', '-fingerprint', '-sha256'], pair.certificate)).toContain(
      loadCertificateDer(der).facts.fingerprintSha256.toUpperCase(),
    );
    expect(loadCertificateDer(der)).toEqual(loadCertificate(pair.certificate));
  });

  test('every certificate block of a text is found, in order, and nothing else', () => {
    const [one, two] = [certificate({ subject: commonName('1') }), certificate({ subject: commonName('2') })];
    const text = `${pair.privateKey}a comment\n${pem('X509 CERTIFICATE', two)}${pem('TRUSTED CERTIFICATE', one)}
${pem('CERTIFICATE', one)}${pem('CERTIFICATE', Buffer.from('anything'))}`;
    expect(readCertificates(text)).toEqual([two, one, Buffer.from('anything')]);
    expect(readCertificates('')).toEqual([]);
  });

  test('certificates in DER become the PEM that openssl writes, in order', () => {
    const der = fromPem(pair.certificate);
    const other = certificate({ subject: commonName('2') });
    expect(writeCertificates([der])).toBe(openssl(['x509'], pair.certificate));
    expect(readCertificates(writeCertificates([other, der]))).toEqual([other, der]);
    expect(writeCertificates([])).toBe('');
  });

  test('malformed PEM and too many blocks are refused', () => {
    expect(() => readCertificates(`${pair.certificate}-----BEGIN A-----\n?\n-----END A-----\n`)).toThrow(
      NotACertificate,
    );
    expect(() => readCertificates(pem('CERTIFICATE', certificate()).repeat(257))).toThrow(BeyondLimits);
    expect(() => loadCertificateDer(Buffer.concat([fromPem(pair.certificate), hex('00')]))).toThrow(NotACertificate);
    expect(() => loadCertificateDer(Buffer.from(pair.certificate))).toThrow(NotACertificate);
  });
});

describe('private keys', () => {
  const forms = {
    'PKCS#8 of RSA': rsa,
    'PKCS#1': openssl(['rsa', '-traditional'], rsa),
    'PKCS#8 of EC': pair.privateKey,
    'SEC 1': openssl(['ec'], pair.privateKey),
    DSA: pem('DSA PRIVATE KEY', sequence(...[0n, 23n, 11n, 2n, 3n, 5n].map(integer))),
  };

  test.each(Object.entries(forms))('%s in DER becomes the PEM that it was', (_, text) => {
    const [block = ''] = /-----BEGIN [A-Z ]*PRIVATE KEY[\s\S]*-----\n$/.exec(text) ?? [];
    expect(writePrivateKey(fromPem(block))).toBe(block);
  });

  test('what is no sound key does not become PEM', () => {
    const der = fromPem(pair.privateKey);
    for (const bad of [Buffer.concat([der, hex('00')]), sequence(integer(0n)), fromPem(pair.certificate)]) {
      expect(() => writePrivateKey(bad)).toThrow(NotAPrivateKey);
    }
  });

  test.each(Object.entries(forms))('%s in DER is what it is in PEM', (_, text) => {
    const loaded = loadPrivateKeyDer(fromPem(text));
    expect(loaded).toEqual(loadPrivateKey(text));
    expect(loaded.keyType).not.toBeNull();
  });

  test.each([
    ['an encrypted key', openssl(['pkcs8', '-topk8', '-passout', 'pass:secret'], rsa)],
    ['a public key', openssl(['pkey', '-pubout'], rsa)],
    ['a public key of PKCS#1', openssl(['rsa', '-RSAPublicKey_out'], rsa)],
    ['a certificate', pair.certificate],
    ['SEC 1 that names no curve', pem('X', sequence(integer(1n), tlv(0x04, Buffer.alloc(32, 1))))],
    ['an RSA key whose numbers do not fit', pem('X', sequence(...[0n, 15n, 3n, 3n, 5n, 3n, 1n, 1n, 9n].map(integer)))],
    ['something left over', pem('X', Buffer.concat([fromPem(rsa), hex('00')]))],
    ['nothing', pem('X', Buffer.alloc(0))],
    ['an empty SEQUENCE', pem('X', sequence())],
  ])('%s is refused', (_, text) => {
    expect(() => loadPrivateKeyDer(fromPem(text))).toThrow(NotAPrivateKey);
  });

  test('more than is walked is refused', () => {
    expect(() => loadPrivateKeyDer(sequence(Buffer.alloc(120_000, hex('02 00'))))).toThrow(BeyondLimits);
    expect(() => loadPrivateKeyDer(tlv(0x30, Buffer.alloc(1 << 20)))).toThrow(BeyondLimits);
  });

  test('of any damage come our own errors only, and what is loaded is exported too', () => {
    const keys = Object.values(forms).map(fromPem);
    keys.push(generateKeyPairSync('ed448').privateKey.export({ format: 'der', type: 'pkcs8' }));
    const outcomes = { loaded: 0, refused: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.nat(), fc.nat({ max: 255 }), (original, where, octet) => {
        const damaged = Buffer.from(original);
        damaged.writeUInt8(octet, where % damaged.length);
        try {
          const { keyType } = loadPrivateKeyDer(damaged);
          outcomes.loaded++;
          if (damaged.readUInt8(4) !== original.readUInt8(4)) return;
          const label = original === keys[1] ? 'RSA PRIVATE KEY' : 'PRIVATE KEY';
          const again = exportPrivateKey(pem(label, damaged), { format: 'traditional', encoding: 'der' });
          expect(loadPrivateKeyDer(again).keyType).toBe(keyType);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
          outcomes.refused++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.loaded).toBeGreaterThan(0);
  });
});
