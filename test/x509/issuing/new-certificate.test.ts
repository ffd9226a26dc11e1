import { beforeAll, describe, expect, test } from 'vitest';
import {
  CannotIssue,
  checkNewCertificate,
  generateKeyPair,
  issueCertificate,
  type KeyDescription,
  type NewCertificate,
} from '../../../src/x509/index.ts';
import { hex, sequence, tlv } from '../support/der.ts';
import { type Keys, leaf, newRoot } from './support/wanted.ts';

let keys: Keys;
let rootKeys: Keys;
let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  [keys, rootKeys] = await Promise.all([generateKeyPair('ecdsa'), generateKeyPair('ed25519')]);
  root = await newRoot(rootKeys, { pathLength: 1 });
});

describe('refused, each by a code of its own,', () => {
  const year = (text: string): Date => new Date(`${text}-06-01T00:00:00Z`);
  const own: KeyDescription = { type: 'ec', curve: 'prime256v1' };

  test.each<[string, Partial<NewCertificate>, KeyDescription?]>([
    ['SUBJECT_MISSING', { subject: [], subjectAltNames: { dns: [] } }],
    ['CA_WITHOUT_SUBJECT', { subject: [], isCa: true }],
    ['ISSUER_NAME_EMPTY', { subject: [] }],
    ['NAME_TYPE_UNKNOWN', { subject: [{ type: 'nothing', value: 'a' }] }],
    ['COUNTRY_NOT_TWO_LETTERS', { subject: [{ type: 'C', value: 'DEU' }] }],
    ['DNS_NAME_MALFORMED', { subjectAltNames: { dns: ['a b'] } }],
    ['IP_ADDRESS_MALFORMED', { subjectAltNames: { ip: ['a'] } }],
    ['EMAIL_ADDRESS_MALFORMED', { subjectAltNames: { email: ['a'] } }],
    ['URI_MALFORMED', { subjectAltNames: { uri: ['a'] } }],
    ['VALIDITY_REVERSED', { notBefore: year('2030'), notAfter: year('2029') }],
    ['VALIDITY_NOT_DATES', { notAfter: new Date(Number.NaN) }],
    ['VALIDITY_TOO_EARLY', { notBefore: new Date('1949-12-31T23:59:59Z') }],
    ['VALIDITY_TOO_LONG', { notAfter: new Date('+010000-01-01T00:00:00Z') }],
    ['PATH_LENGTH_UNFIT', { pathLength: 0 }],
    ['PATH_LENGTH_UNFIT', { isCa: true, pathLength: -1 }],
    ['PATH_LENGTH_UNFIT', { isCa: true, pathLength: 0.5 }],
    ['PATH_LENGTH_UNFIT', { isCa: true, pathLength: 2 ** 31 }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['keyCertSign'] }],
    ['KEY_USAGE_UNFIT', { isCa: true, keyUsage: ['cRLSign'] }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['keyEncipherment'] }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['encipherOnly'] }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['decipherOnly'] }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['keyAgreement'] }, { type: 'rsa', bits: 2048 }],
    ['KEY_USAGE_UNFIT', { keyUsage: ['keyAgreement'] }, { type: 'ed25519' }],
    ['EXTENDED_KEY_USAGE_UNKNOWN', { extendedKeyUsage: ['serverauth'] }],
    ['EXTENDED_KEY_USAGE_UNKNOWN', { extendedKeyUsage: ['toString'] }],
    ['ACCESS_LOCATION_MALFORMED', { ocspUrls: ['ocsp.example'] }],
    ['ACCESS_LOCATION_MALFORMED', { caIssuersUrls: ['ca der'] }],
    ['CERTIFICATE_TOO_LARGE', { ocspUrls: Array(10).fill(`http://a.example/${'x'.repeat(110_000)}`) }],
    ['RSA_BITS_UNFIT', {}, { type: 'rsa', bits: 16_385 }],
    ['CURVE_UNKNOWN', {}, { type: 'ec', curve: 'secp112r1' }],
    ['DIGEST_UNFIT', { digest: 'sha256' }, { type: 'ed448' }],
    ['DIGEST_TOO_LARGE', { digest: 'sha512' }, { type: 'rsa', bits: 512 }],
    ['KEY_CANNOT_SIGN', {}, { type: 'x448' }],
  ])('%s: %j', (code, changes, key = own) => {
    expect(checkNewCertificate(leaf(changes), key, null).map((problem) => problem.code)).toEqual([code]);
  });

  test('under a CA: what would not verify for as long as it says', async () => {
    const { authority } = root;
    const checked = (changes: Partial<NewCertificate>): string[] =>
      checkNewCertificate(leaf(changes), own, authority).map(({ code }) => code);
    const [before, after] = [
      new Date(authority.notBefore.getTime() - 1000),
      new Date(authority.notAfter.getTime() + 1000),
    ];
    expect(checked({ notBefore: authority.notBefore, notAfter: authority.notAfter })).toEqual([]);
    expect(checked({ notBefore: before })).toEqual(['BEGINS_BEFORE_SIGNER']);
    expect(checked({ notAfter: after })).toEqual(['OUTLIVES_SIGNER']);
    expect(checked({ isCa: true, pathLength: 0 })).toEqual([]);
    expect(checked({ isCa: true })).toEqual([]);
    expect(checked({ isCa: true, pathLength: 1 })).toEqual(['SIGNER_PATH_LENGTH_EXCEEDED']);
    const last = { ...authority, pathLength: 0 };
    expect(checkNewCertificate(leaf({ isCa: true }), own, last).map(({ code }) => code)).toEqual([
      'SIGNER_PATH_LENGTH_EXCEEDED',
    ]);
    expect(checkNewCertificate(leaf(), own, last)).toEqual([]);
  });

  test('under a CA the digest must fit its key, not the one that is certified', async () => {
    const weak = await generateKeyPair({ type: 'rsa', bits: 512 });
    const { authority } = await newRoot(weak);
    expect(checkNewCertificate(leaf({ digest: 'sha512' }), own, authority).map(({ code }) => code)).toEqual([
      'DIGEST_TOO_LARGE',
    ]);
    expect(
      checkNewCertificate(leaf({ digest: 'sha512' }), { type: 'ed25519' }, (await newRoot(keys)).authority),
    ).toEqual([]);
  });

  test('all at once where there are several', () => {
    const wanted = leaf({ subject: [], subjectAltNames: { dns: ['-'], ip: ['-'] }, pathLength: 1, digest: 'md5' });
    expect(checkNewCertificate(wanted, own, null).map(({ code }) => code)).toEqual([
      'ISSUER_NAME_EMPTY',
      'DNS_NAME_MALFORMED',
      'IP_ADDRESS_MALFORMED',
      'PATH_LENGTH_UNFIT',
      'DIGEST_UNFIT',
    ]);
  });

  test('and nothing is issued then', async () => {
    const issued = issueCertificate(leaf({ subjectAltNames: { dns: ['-'] } }), keys.publicKey, keys.privateKey);
    await expect(issued).rejects.toThrow(expect.objectContaining({ code: 'DNS_NAME_MALFORMED' }));
    await expect(issued).rejects.toBeInstanceOf(CannotIssue);
  });

  test('a key of another signs for itself', async () => {
    const issued = issueCertificate(leaf(), keys.publicKey, rootKeys.privateKey);
    await expect(issued).rejects.toMatchObject({ code: 'SIGNER_KEY_MISMATCH' });
  });

  test.each([
    ['no SubjectPublicKeyInfo', Buffer.from('nothing')],
    [
      'a point off its curve',
      sequence(
        sequence(hex('06 07 2a 86 48 ce 3d 02 01'), hex('06 08 2a 86 48 ce 3d 03 01 07')),
        tlv(0x03, Buffer.alloc(66, 4)),
      ),
    ],
  ])('a public key that is %s', async (_what, info) => {
    await expect(issueCertificate(leaf(), info, root.authority)).rejects.toMatchObject({ code: 'PUBLIC_KEY_UNFIT' });
  });
});
