import { describe, expect, test } from 'vitest';
import { NotAPkcs12, readPkcs12 } from '../../../src/x509/index.ts';
import { certificate, commonName, hex, integer, sequence, tlv } from '../support/der.ts';
import {
  attributes,
  bag,
  certBag,
  encryptedSafe,
  keyBag,
  macData,
  OID,
  octets,
  pbes2,
  pbkdf2,
  pfx,
  safe,
  shroudedKeyBag,
} from './support/build.ts';
import { makePair } from './support/openssl-files.ts';

const id = (octet: number): Buffer => attributes({ localKeyId: Buffer.from([octet]) });
const read = (...bags: Buffer[]) => readPkcs12(pfx([safe(...bags)]), '');

describe('of several keys', () => {
  const [one, two] = [makePair('one.example'), makePair('two.example', 'Ed25519')];
  const rsa = makePair('rsa.example', 'RSA-2048');

  test('the first whose localKeyID a certificate has is taken, wherever they stand', () => {
    const [oneKey, oneCertificate] = [keyBag(one.key, id(1)), certBag(one.certificate, id(9))];
    const [twoKey, twoCertificate] = [keyBag(two.key, id(2)), certBag(two.certificate, id(2))];
    // Only the second pair has an id in common; the first belongs together by its public key.
    expect(read(oneKey, oneCertificate, twoCertificate, twoKey)).toMatchObject({
      privateKey: one.key,
      certificates: [one.certificate, two.certificate],
    });
    expect(read(twoKey, twoCertificate, oneCertificate, oneKey)).toMatchObject({
      privateKey: two.key,
      certificates: [two.certificate, one.certificate],
    });
    // The id counts more than the key.
    expect(read(keyBag(one.key, id(2)), oneCertificate, twoCertificate)).toMatchObject({
      privateKey: one.key,
      certificates: [two.certificate, one.certificate],
    });
  });

  test('of certificates that share its localKeyID the one with its public key is its own', () => {
    for (const [pair, other] of [
      [one, two],
      [rsa, one],
    ] as const) {
      const bags = [certBag(other.certificate, id(1)), certBag(pair.certificate, id(1)), keyBag(pair.key, id(1))];
      expect(read(...bags)).toMatchObject({
        privateKey: pair.key,
        certificates: [pair.certificate, other.certificate],
      });
    }
    // Where none has it, the id alone must do.
    const bags = [certBag(one.certificate, id(1)), certBag(rsa.certificate, id(1)), keyBag(two.key, id(1))];
    expect(read(...bags)).toMatchObject({ privateKey: two.key, certificates: [one.certificate, rsa.certificate] });
  });

  test('one that has no certificate is passed over for one that has, by its public key', () => {
    for (const [pair, other] of [
      [one, two],
      [two, one],
      [rsa, one],
      [one, rsa],
    ] as const) {
      const bags = [keyBag(other.key), keyBag(pair.key), certBag(certificate()), certBag(pair.certificate)];
      expect(read(...bags)).toMatchObject({ privateKey: pair.key, certificates: [pair.certificate, certificate()] });
    }
  });

  test('the first is taken where none has a certificate', () => {
    expect(read(keyBag(one.key), keyBag(two.key), certBag(certificate()))).toMatchObject({ privateKey: one.key });
    expect(read(keyBag(one.key), keyBag(two.key))).toMatchObject({ privateKey: one.key, certificates: [] });
  });

  test('those that are not taken need not open', () => {
    const locked = shroudedKeyBag(pbes2(pbkdf2(1n)));
    expect(read(keyBag(one.key, id(1)), locked, certBag(one.certificate, id(1)))).toMatchObject({
      privateKey: one.key,
    });
  });
});

test('without any certificate only the key that is taken need open', () => {
  const { key } = makePair('alone.example');
  expect(read(keyBag(key), shroudedKeyBag(pbes2(pbkdf2(1n))))).toMatchObject({ privateKey: key });
});

test.each<[string, Buffer]>([
  ['Ed25519 of five octets', sequence(integer(0n), sequence(hex('06 03 2b 65 70')), octets(octets(Buffer.alloc(5))))],
  ['an unknown type', sequence(integer(0n), sequence(hex('06 03 2a 03 04')), octets(Buffer.alloc(5)))],
  ['RSA without numbers', sequence(integer(0n), sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 01')), octets(sequence()))],
  ['DH (RFC 3279 §2.3.3)', sequence(integer(0n), sequence(hex('06 07 2a 86 48 ce 3e 02 01')), octets(integer(5n)))],
  ['an algorithm that is none', sequence(integer(0n), sequence(integer(1n)), octets(Buffer.alloc(5)))],
])('a key that can not be computed with is passed over for one that has a certificate: %s', (_, odd) => {
  const { key, certificate: own } = makePair('sound.example', 'Ed25519');
  expect(read(keyBag(odd), keyBag(key), certBag(own)).privateKey).toEqual(key);
  expect(read(keyBag(odd), certBag(own)).privateKey).toEqual(odd);
});

test('a certificate is looked for with the first sixteen keys, and no more', () => {
  const { key, certificate: own } = makePair('sixteenth.example', 'Ed25519');
  // RFC 8410 §7.
  const others = Array.from({ length: 16 }, (_, index) =>
    keyBag(sequence(integer(0n), sequence(hex('06 03 2b 65 70')), octets(octets(Buffer.alloc(32, index + 1))))),
  );
  expect(read(...others.slice(0, 15), keyBag(key), certBag(own)).privateKey).toEqual(key);
  expect(read(...others, keyBag(key), certBag(own)).privateKey).not.toEqual(key);
});

test('the name is the key’s, otherwise its certificate’s, otherwise null', () => {
  const { key, certificate: own } = makePair('name.example');
  const name = (friendlyName: string): Buffer => attributes({ friendlyName });
  expect(read(keyBag(key, name('Schlüssel')), certBag(own, name('c'))).friendlyName).toBe('Schlüssel');
  expect(read(keyBag(key), certBag(certificate(), name('other')), certBag(own, name('c'))).friendlyName).toBe('c');
  expect(read(keyBag(key), certBag(own)).friendlyName).toBeNull();
  expect(read(keyBag(key, name('')), certBag(own, name('c'))).friendlyName).toBe('');
});

test.each<[string, Buffer]>([
  ['half a surrogate pair', sequence(OID.friendlyName, tlv(0x31, tlv(0x1e, hex('d83d'))))],
  ['an odd length', sequence(OID.friendlyName, tlv(0x31, tlv(0x1e, hex('00'))))],
  ['another type', sequence(OID.friendlyName, tlv(0x31, tlv(0x0c, Buffer.from('x'))))],
  ['no value', sequence(OID.friendlyName, tlv(0x31))],
])('a name of %s is no reason to lose the key', (_, attribute) => {
  const { key } = makePair('name.example');
  expect(read(keyBag(key, tlv(0x31, attribute)))).toMatchObject({ privateKey: key, friendlyName: null });
});

test('bags of CRLs, of other certificates and of unknown types are skipped, bags of bags are entered', () => {
  const own = certificate();
  const others = [
    bag(OID.crlBag, sequence(integer(1n))),
    bag(OID.certBag, sequence(OID.sdsiCertificate, tlv(0xa0, tlv(0x16, Buffer.from('sdsi'))))),
    bag(hex('06 03 2a 03 04'), octets(Buffer.from('anything')), attributes({ friendlyName: 'x' })),
  ];
  expect(read(...others, bag(OID.safeContentsBag, sequence(...others, certBag(own)))).certificates).toEqual([own]);
});

test('of issuers of one name the one whose key id is named comes next, and a circle ends', () => {
  const keyId = (octet: string): Buffer => hex(`30 0b 06 03 55 1d 0e 04 04 04 02 00 ${octet}`);
  const names = (octet: string): Buffer => hex(`30 0d 06 03 55 1d 23 04 06 30 04 80 02 00 ${octet}`);
  const make = (subject: string, issuer: string, ...extensions: Buffer[]): Buffer =>
    certificate({
      subject: commonName(subject),
      issuer: commonName(issuer),
      extensions: tlv(0xa3, sequence(...extensions)),
    });
  const leaf = make('leaf', 'ca', names('02'));
  const [first, second] = [make('ca', 'root', keyId('01')), make('ca', 'leaf', keyId('02'))];
  const { certificates } = read(certBag(leaf), certBag(first), certBag(second));
  expect(certificates).toEqual([leaf, second, first]);
});

describe('behind the key’s certificate', () => {
  const keyId = sequence(hex('06 03 55 1d 0e'), octets(octets(Buffer.from([1]))));
  const make = (subject: string, issuer: string, ...extensions: Buffer[]): Buffer =>
    certificate({
      subject: commonName(subject),
      issuer: commonName(issuer),
      ...(extensions.length === 0 ? {} : { extensions: tlv(0xa3, sequence(...extensions)) }),
    });
  const ordered = (...certificates: Buffer[]): Buffer[] =>
    read(...certificates.map((der) => certBag(der))).certificates as Buffer[];

  test('its issuer comes, wherever it stands', () => {
    const [leaf, other, ca] = [make('leaf', 'ca'), make('other', 'root'), make('ca', 'root')];
    expect(ordered(leaf, other, ca)).toEqual([leaf, ca, other]);
  });

  test('nobody comes as the issuer of one that issued itself', () => {
    const [root, other, namesake] = [make('root', 'root'), make('other', 'root'), make('root', 'root', keyId)];
    expect(ordered(root, other, namesake)).toEqual([root, other, namesake]);
  });

  test('the first issuer of the name comes where no key id is named, also where another has none', () => {
    const [leaf, first, second] = [make('leaf', 'ca'), make('ca', 'root', keyId), make('ca', 'root')];
    expect(ordered(leaf, first, second)).toEqual([leaf, first, second]);
  });

  test('the others stay as they are where it is one that pyca would not load', () => {
    const { key } = makePair('unreadable.example');
    const [version2, own] = [certificate({ version: hex('a0 03 02 01 01') }), certificate()];
    const { certificates } = read(keyBag(key, id(1)), certBag(own), certBag(version2, id(1)));
    expect(certificates).toEqual([version2, own]);
  });
});

test('a certificate that pyca would not load is handed on behind the others', () => {
  const version2 = certificate({ version: hex('a0 03 02 01 01') });
  const { key, certificate: own } = makePair('first.example');
  expect(read(certBag(version2), certBag(own), keyBag(key)).certificates).toEqual([own, version2]);
});

test.each<[string, Buffer]>([
  ['another version', pfx([], Buffer.alloc(0), 4n)],
  ['a signed content', sequence(integer(3n), sequence(hex('06 09 2a 86 48 86 f7 0d 01 07 02'), tlv(0xa0, sequence())))],
  [
    'a safe that is encrypted to a public key',
    pfx([sequence(hex('06 09 2a 86 48 86 f7 0d 01 07 03'), tlv(0xa0, sequence()))]),
  ],
  ['an unknown cipher', pfx([encryptedSafe(sequence(hex('06 03 2a 03 04')))])],
  ['a key that is none', pfx([safe(keyBag(sequence(integer(0n))))])],
  ['a certificate that is none', pfx([safe(certBag(Buffer.from('text')))])],
  ['a certificate with something behind it', pfx([safe(certBag(Buffer.concat([certificate(), Buffer.alloc(1)])))])],
  ['a MAC of the wrong length', pfx([], macData(1n, Buffer.alloc(19)))],
  [
    'a MAC of an unknown hash function',
    pfx([], sequence(sequence(sequence(hex('06 03 2a 03 04')), octets(Buffer.alloc(20))), octets(Buffer.alloc(8)))),
  ],
  ['an unknown pseudo-random function', pfx([encryptedSafe(pbes2(pbkdf2(1n, sequence(hex('06 03 2a 03 04')))))])],
  [
    'an unknown cipher in PBES2',
    pfx([
      encryptedSafe(
        sequence(OID.pbes2, sequence(pbkdf2(1n), sequence(hex('06 03 2a 03 04'), octets(Buffer.alloc(16))))),
      ),
    ]),
  ],
  [
    'an unknown key derivation in PBES2',
    pfx([
      encryptedSafe(
        sequence(
          OID.pbes2,
          sequence(sequence(hex('06 03 2a 03 04'), sequence()), sequence(OID.aes256, octets(Buffer.alloc(16)))),
        ),
      ),
    ]),
  ],
  ['zero iterations', pfx([encryptedSafe(pbes2(pbkdf2(0n)))])],
  [
    'a negative count',
    pfx([encryptedSafe(pbes2(sequence(OID.pbkdf2, sequence(octets(Buffer.alloc(8)), hex('02 01 ff')))))]),
  ],
  ['a key length that the cipher does not have', pfx([encryptedSafe(pbes2(pbkdf2(1n, integer(16n))))])],
  ['a short initialization vector', pfx([encryptedSafe(pbes2(pbkdf2(1n), Buffer.alloc(15)))])],
])('a file with %s is none', (_, file) => {
  expect(() => readPkcs12(file, '')).toThrow(NotAPkcs12);
});
