import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPkcs12, WrongPassphrase } from '../../../src/x509/index.ts';
import { exportByOpenssl, KEY_TYPES, makePair, opensslWith } from './support/openssl-files.ts';

interface Expected {
  readonly key: string | null;
  readonly certificates: readonly string[];
  readonly friendlyName: string;
}

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/pkcs12/${name}`, import.meta.url));
const expected = JSON.parse(fixture('expected.json').toString()) as Record<string, Expected>;
const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex');

test.each(Object.entries(expected))(
  '%s is read to the key, the certificates and the name that are in it',
  (name, facts) => {
    const { privateKey, certificates, friendlyName } = readPkcs12(fixture(name), 'changeit');
    expect(privateKey === null ? null : sha256(privateKey)).toBe(facts.key);
    expect(certificates.map(sha256)).toEqual(facts.certificates);
    expect(friendlyName).toBe(facts.friendlyName);
  },
);

test.each(Object.keys(expected))('%s is refused under another passphrase', (name) => {
  expect(() => readPkcs12(fixture(name), 'changeIt')).toThrow(WrongPassphrase);
});

const PASSPHRASES = ['secret', 'pässwörd', '🔑 key', ''];
const OPTIONS: readonly (readonly string[])[] = [
  [],
  ['-nomac'],
  ['-nomaciter'],
  ['-keypbe', 'NONE', '-certpbe', 'NONE'],
  ['-keypbe', 'NONE', '-certpbe', 'NONE', '-nomac'],
  ...['PBE-SHA1-3DES', 'PBE-SHA1-2DES', 'aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des-ede3-cbc'].map((scheme) => [
    ...['-keypbe', scheme, '-certpbe', scheme, '-macalg', 'sha1', '-iter', '3'],
  ]),
  ...['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((hash) => ['-macalg', hash, '-iter', '100']),
];

describe.each(PASSPHRASES)('under the passphrase "%s"', (passphrase) => {
  test.each(OPTIONS.map((options) => [options.join(' '), options] as const))(
    'what openssl writes with [%s] is read',
    (_, options) => {
      const pair = makePair('other.example');
      const file = exportByOpenssl(pair, passphrase, [...options, '-name', 'Näme']);
      expect(readPkcs12(file, passphrase)).toEqual({
        privateKey: pair.key,
        certificates: [pair.certificate],
        friendlyName: 'Näme',
        keyCount: 1,
      });
    },
  );
});

test.each(Object.keys(KEY_TYPES))('a key of type %s that openssl writes is read', (type) => {
  const pair = makePair('types.example', type);
  const { privateKey, certificates } = readPkcs12(exportByOpenssl(pair, 'secret'), 'secret');
  expect(privateKey).toEqual(pair.key);
  expect(certificates).toEqual([pair.certificate]);
});

test('a wrong passphrase is told by the MAC, and without one by what does not open', () => {
  const pair = makePair('wrong.example');
  for (const options of [[], ['-nomac'], ['-nomac', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES']]) {
    const file = exportByOpenssl(pair, 'secret', options);
    for (const passphrase of ['', 'Secret', 'secret ', '\ud800']) {
      expect(() => readPkcs12(file, passphrase)).toThrow(WrongPassphrase);
    }
  }
});

test('a file without certificates gives the key alone, one without a key the certificates in their order', () => {
  const [one, other] = [makePair('one.example'), makePair('other.example')];
  const keyOnly = exportByOpenssl(one, 'secret', ['-nocerts', '-name', 'alone']);
  expect(readPkcs12(keyOnly, 'secret')).toEqual({
    privateKey: one.key,
    certificates: [],
    friendlyName: 'alone',
    keyCount: 1,
  });
  const { out } = opensslWith({ in: one.certificatePem + other.certificatePem }, [
    ...['pkcs12', '-export', '-nokeys', '-in', '@in', '-out', '@out', '-passout', 'pass:secret'],
  ]);
  expect(readPkcs12(out, 'secret')).toEqual({
    privateKey: null,
    certificates: [one.certificate, other.certificate],
    friendlyName: null,
    keyCount: 0,
  });
});

test('the chain stands behind the leaf in the order of issuing, whatever the order of the file; others and their names come last', () => {
  const root = makePair('Root');
  const middle = makePair('Middle', 'P-256', { pair: root, isCa: true });
  const leaf = makePair('leaf.example', 'P-256', { pair: middle });
  const stranger = makePair('Stranger');
  const chain = stranger.certificatePem + root.certificatePem + middle.certificatePem;
  const file = exportByOpenssl(
    leaf,
    'secret',
    ['-name', 'leaf', '-caname', 'a', '-caname', 'b', '-caname', 'c'],
    chain,
  );
  const { certificates, friendlyName } = readPkcs12(file, 'secret');
  expect(certificates).toEqual([leaf, middle, root, stranger].map(({ certificate }) => certificate));
  expect(friendlyName).toBe('leaf');
});
