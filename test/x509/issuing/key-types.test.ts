import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  checkNewCertificate,
  describeKey,
  issueCertificate,
  type KeyDescription,
  loadCertificate,
} from '../../../src/x509/index.ts';
import { KEY_USAGES, type KeyUsage } from '../../../src/x509/issuing/key-usages.ts';
import { openssl } from '../../support/openssl.ts';
import { hex, sequence, tlv } from '../support/der.ts';
import { leaf, newRoot } from './support/wanted.ts';

let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  root = await newRoot(generateKeyPairSync('ed25519'));
});

const dh = (): KeyObject => {
  const pem = openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:modp_1536']);
  return createPrivateKey(pem);
};

describe('a key is described by its type and its size', () => {
  test.each<[string, () => KeyObject, KeyDescription]>([
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey, { type: 'rsa', bits: 1024 }],
    [
      'RSASSA-PSS',
      () => generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey,
      { type: 'rsa-pss', bits: 1024, restriction: null },
    ],
    [
      'DSA',
      () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey,
      { type: 'dsa', bits: 1024 },
    ],
    ['X25519', () => generateKeyPairSync('x25519').publicKey, { type: 'x25519' }],
    ['X448', () => generateKeyPairSync('x448').publicKey, { type: 'x448' }],
    ['DH', dh, { type: 'other' }],
  ])('%s', (_, make, expected) => expect(describeKey(make())).toEqual(expected));
});

describe('a key takes the usages that its type has, and no others', () => {
  const signing: KeyUsage[] = ['digitalSignature', 'nonRepudiation', 'keyCertSign', 'cRLSign'];
  const agreeing: KeyUsage[] = ['keyAgreement', 'encipherOnly', 'decipherOnly'];
  test.each<[string, KeyDescription, KeyUsage[]]>([
    // RFC 3279 §2.3.1, RFC 4055 §1.2.
    ['RSA', { type: 'rsa', bits: 2048 }, [...signing, 'keyEncipherment', 'dataEncipherment']],
    // RFC 3279 §2.3.2.
    ['DSA', { type: 'dsa', bits: 2048 }, signing],
    // RFC 5480 §3, RFC 8813 §3.
    ['EC', { type: 'ec', curve: 'prime256v1' }, [...signing, ...agreeing]],
    // RFC 8410 §5.
    ['Ed25519', { type: 'ed25519' }, signing],
    ['Ed448', { type: 'ed448' }, signing],
    ['X25519', { type: 'x25519' }, agreeing],
    ['X448', { type: 'x448' }, agreeing],
    // RFC 3279 §2.3.3.
    ['DH', { type: 'other' }, agreeing],
  ])('%s', (_, key, fitting) => {
    const taken = KEY_USAGES.filter((usage) => {
      // encipherOnly and decipherOnly mean nothing without keyAgreement, and keyCertSign is a CA's (RFC 5280 §4.2.1.3).
      const keyUsage: KeyUsage[] = /Only$/.test(usage) ? [usage, 'keyAgreement'] : [usage];
      const wanted = leaf({ keyUsage, isCa: usage === 'keyCertSign' });
      const codes = checkNewCertificate(wanted, key, root.authority).map(({ code }) => code);
      return !codes.includes('KEY_USAGE_UNFIT');
    });
    expect(taken).toEqual(KEY_USAGES.filter((usage) => fitting.includes(usage)));
  });
});

test('16,384 bits of RSA are certified, which is the most that is read back', () => {
  expect(checkNewCertificate(leaf(), { type: 'rsa', bits: 16_384 }, root.authority)).toEqual([]);
});

test('a path length of 31 bits is written, which is the most that is read back', () => {
  const wanted = leaf({ isCa: true, pathLength: 2 ** 31 - 1 });
  expect(checkNewCertificate(wanted, { type: 'ed25519' }, null)).toEqual([]);
});

test('where the private key is given as the subject’s, its public half is certified', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = await issueCertificate(leaf(), privateKey, root.authority);
  expect(openssl(['x509', '-noout', '-pubkey'], certificate)).toBe(
    publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  );
  expect(loadCertificate(certificate).facts.selfSigned).toBe(false);
});

test('a public key of an algorithm that OpenSSL does not know is not certified', async () => {
  const unknown = sequence(sequence(hex('06 03 2a 03 04')), tlv(0x03, Buffer.alloc(33)));
  await expect(issueCertificate(leaf(), unknown, root.authority)).rejects.toMatchObject({ code: 'PUBLIC_KEY_UNFIT' });
});
