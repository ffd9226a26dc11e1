import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { describeChain } from '../../src/x509/index.ts';
import { oid } from './support/algorithm-cases.ts';
import { opensslIssued } from './support/chains.ts';
import { attribute, certificate, commonName, hex, name, OID, pem, rdn, sequence, tlv } from './support/der.ts';

const SIGNER = commonName('signer');
const NULL = hex('05 00');

const verdicts = (...certificates: Buffer[]) =>
  describeChain(certificates.map((der) => pem('CERTIFICATE', der)).join('')).certificates.map(
    (each) => each.readable && each.signsPrevious,
  );
const signerOf = (publicKey: KeyObject): Buffer =>
  certificate({ subject: SIGNER, publicKey: publicKey.export({ format: 'der', type: 'spki' }) });
/** Its signature is nonsense, under whatever algorithm. */
const signedWith = (signatureAlgorithm: Buffer): Buffer => certificate({ issuer: SIGNER, signatureAlgorithm });

describe('a signature that does not verify is known to be none', () => {
  const rsa = signerOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const dsa = signerOf(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey);
  const ec = signerOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);

  test.each<[string, string, Buffer]>([
    ['md5WithRSAEncryption', '1.2.840.113549.1.1.4', rsa],
    ['sha1WithRSAEncryption', '1.2.840.113549.1.1.5', rsa],
    ['sha256WithRSAEncryption', '1.2.840.113549.1.1.11', rsa],
    ['sha384WithRSAEncryption', '1.2.840.113549.1.1.12', rsa],
    ['sha512WithRSAEncryption', '1.2.840.113549.1.1.13', rsa],
    ['sha224WithRSAEncryption', '1.2.840.113549.1.1.14', rsa],
  ])('of RFC 4055 §5: %s', (_, algorithm, signer) => {
    expect(verdicts(signedWith(sequence(oid(algorithm), NULL)), signer)).toEqual([null, false]);
  });

  test.each<[string, string, Buffer]>([
    ['id-dsa-with-sha1', '1.2.840.10040.4.3', dsa],
    ['id-dsa-with-sha224', '2.16.840.1.101.3.4.3.1', dsa],
    ['id-dsa-with-sha256', '2.16.840.1.101.3.4.3.2', dsa],
    ['ecdsa-with-SHA1', '1.2.840.10045.4.1', ec],
    ['ecdsa-with-SHA224', '1.2.840.10045.4.3.1', ec],
    ['ecdsa-with-SHA256', '1.2.840.10045.4.3.2', ec],
    ['ecdsa-with-SHA384', '1.2.840.10045.4.3.3', ec],
    ['ecdsa-with-SHA512', '1.2.840.10045.4.3.4', ec],
    ['id-Ed25519', '1.3.101.112', signerOf(generateKeyPairSync('ed25519').publicKey)],
    ['id-Ed448', '1.3.101.113', signerOf(generateKeyPairSync('ed448').publicKey)],
  ])('of RFC 3279, RFC 5758 and RFC 8410: %s', (_, algorithm, signer) => {
    expect(verdicts(signedWith(sequence(oid(algorithm))), signer)).toEqual([null, false]);
  });

  test('of RSASSA-PSS with its defaults (RFC 4055 §3.1)', () => {
    const pss = sequence(oid('1.2.840.113549.1.1.10'), sequence());
    expect(verdicts(signedWith(pss), rsa)).toEqual([null, false]);
  });
});

test('nothing is known of a certificate that OpenSSL refuses to hold and pyca takes', () => {
  // Half of a BMPString's surrogate pair each is a character to OpenSSL, and none of Unicode.
  const subject = name(rdn(attribute(OID.commonName, tlv(0x1e, hex('d8 3d de 00')))));
  const signer = opensslIssued('signer').certificate;
  const leaf = pem('CERTIFICATE', certificate({ issuer: SIGNER, subject }));
  expect(describeChain(leaf + signer).certificates).toMatchObject([{ readable: true }, { signsPrevious: null }]);
});

test('keys that OpenSSL does not know take none of the signatures that are verified', () => {
  const unknown = certificate({
    issuer: SIGNER,
    subject: SIGNER,
    publicKey: sequence(sequence(hex('06 03 2a 03 04')), tlv(0x03, Buffer.alloc(33))),
  });
  const signer = signerOf(generateKeyPairSync('ed25519').publicKey);
  expect(verdicts(...Array<Buffer>(12).fill(unknown), signer)).toEqual([null, ...Array(11).fill(null), false]);
});
