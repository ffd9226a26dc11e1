import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readPkcs12, writePkcs12 } from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';
import { fromPem } from '../support/der.ts';
import { importByOpenssl, KEY_TYPES, makePair, opensslWith } from './support/openssl-files.ts';

const FEW = { iterations: 20 };

describe.each(['modern', 'legacy'] as const)('openssl reads what is written as %s', (profile) => {
  test.each(Object.keys(KEY_TYPES))('with a key of type %s', (type) => {
    const { key, certificate } = makePair('written.example', type);
    const file = writePkcs12({ privateKey: key, certificates: [certificate], friendlyName: null }, 'secret', {
      profile,
      ...FEW,
    });
    expect(importByOpenssl(file, 'secret')).toMatchObject({ key, certificates: [certificate] });
  });

  test.each(['secret', 'with spaces', 'pässwörd', 'пароль', '🔑 key', '', 'x'.repeat(200)])(
    'under the passphrase "%s"',
    (passphrase) => {
      const { key, certificate } = makePair('written.example');
      const file = writePkcs12({ privateKey: key, certificates: [certificate], friendlyName: 'n' }, passphrase, {
        profile,
        ...FEW,
      });
      expect(importByOpenssl(file, passphrase)).toMatchObject({ key, certificates: [certificate] });
      expect(() => importByOpenssl(file, `${passphrase}x`)).toThrow(/invalid password/);
    },
  );

  test('with the name, and an id of the certificate that ties the key to it alone', () => {
    const [pair, other] = [makePair('written.example'), makePair('other.example')];
    const certificates = [pair.certificate, other.certificate];
    const file = writePkcs12({ privateKey: pair.key, certificates, friendlyName: 'plain name' }, 'secret', {
      profile,
      ...FEW,
    });
    const { printed } = importByOpenssl(file, 'secret');
    const id = new X509Certificate(pair.certificate).fingerprint.replaceAll(':', ' ');
    expect(printed.split(`localKeyID: ${id}`)).toHaveLength(3);
    expect(printed.split('localKeyID')).toHaveLength(3);
    expect(printed.split('friendlyName: plain name')).toHaveLength(3);
  });

  test('without a key, without certificates, and without both', () => {
    const { key, certificate } = makePair('written.example');
    const contents = [
      { privateKey: null, certificates: [certificate] },
      { privateKey: key, certificates: [] },
      { privateKey: null, certificates: [] },
    ];
    for (const content of contents) {
      const file = writePkcs12({ ...content, friendlyName: 'n' }, 'secret', { profile, ...FEW });
      expect(importByOpenssl(file, 'secret')).toMatchObject({
        key: content.privateKey,
        certificates: content.certificates,
      });
    }
  });
});

test('keys that no certificate and no node:crypto may have are carried as well', () => {
  const x25519 = fromPem(openssl(['genpkey', '-algorithm', 'X25519']));
  const x448 = fromPem(openssl(['genpkey', '-algorithm', 'X448']));
  const small = fromPem(openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp112r1']));
  for (const key of [x25519, x448, small]) {
    const file = writePkcs12({ privateKey: key, certificates: [], friendlyName: null }, 'secret', FEW);
    expect(importByOpenssl(file, 'secret').key).toEqual(key);
    expect(readPkcs12(file, 'secret').privateKey).toEqual(key);
  }
});

test.each([
  [
    'modern',
    /:sha256[\s\S]*INTEGER +:0186A0/,
    /PBES2[\s\S]*PBKDF2[\s\S]*:0186A0[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/,
  ],
  ['legacy', /:sha1[\s\S]*INTEGER +:C350/, /pbeWithSHA1And3-KeyTripleDES-CBC[\s\S]*INTEGER +:C350/],
] as const)('%s is what it says', (profile, mac, encryption) => {
  const { key, certificate } = makePair('written.example');
  const file = writePkcs12({ privateKey: key, certificates: [certificate], friendlyName: null }, 'secret', { profile });
  const parse = (...options: string[]): string =>
    opensslWith({ file }, ['asn1parse', '-inform', 'DER', '-in', '@file', ...options]).printed;
  const outer = parse();
  expect(outer).toMatch(mac);
  const [, offset = ''] = /^ *(\d+):d=3 .*OCTET STRING/m.exec(outer) ?? [];
  const inner = parse('-strparse', offset);
  expect(inner).toMatch(encryption);
});

test.each([
  ['short', 'n', /friendlyName[\s\S]*localKeyID/],
  ['long', 'a name with more octets than the id', /localKeyID[\s\S]*friendlyName/],
])('with a %s name, the attributes stand in the order of DER', (_, friendlyName, order) => {
  const { key, certificate } = makePair('order.example');
  const file = writePkcs12({ privateKey: key, certificates: [certificate], friendlyName }, 'secret', FEW);
  expect(innerStructure(file)).toMatch(order);
});

/** openssl's view of AuthenticatedSafe and, as it is not encrypted, of what holds the key. */
function innerStructure(file: Buffer): string {
  const parse = (der: Buffer | string, ...options: string[]) =>
    opensslWith({ file: der }, ['asn1parse', '-inform', 'DER', '-in', '@file', ...options]).printed;
  const lastString = (printed: string) =>
    [...printed.matchAll(/^ *(\d+):d=3 .*prim: +OCTET STRING/gm)].at(-1)?.[1] ?? '';
  const authenticated = opensslWith({ file }, [
    ...['asn1parse', '-inform', 'DER', '-in', '@file', '-strparse', '26', '-out', '@out', '-noout'],
  ]).out;
  return parse(authenticated) + parse(authenticated, '-strparse', lastString(parse(authenticated)));
}
