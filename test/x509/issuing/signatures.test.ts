import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeDer, utf8String } from '../../../src/x509/der/writer.ts';
import {
  CannotIssue,
  type Digest,
  generateKeyPair,
  issueCertificate,
  type KeySpec,
  loadCertificate,
  openAuthority,
  type SignatureChoice,
} from '../../../src/x509/index.ts';
import { describeKey, type KeyDescription } from '../../../src/x509/issuing/key-spec.ts';
import { chooseSignature } from '../../../src/x509/issuing/signature-methods.ts';
import { signBytes } from '../../../src/x509/issuing/signing.ts';
import { opensslVerify, printed } from './support/openssl-verify.ts';
import { type Keys, newRoot, pkcs8, validFor } from './support/wanted.ts';

const rsa: KeySpec = { type: 'rsa', bits: 2048 };
const ec = (curve: string): KeySpec => ({ type: 'ec', curve });
/** Those of openssl that pyca 49 knows. */
const CURVES = [
  'prime192v1',
  'secp224r1',
  'prime256v1',
  'secp384r1',
  'secp521r1',
  'secp256k1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
];

const selfSigned = async (keys: Keys, choice: SignatureChoice = {}): Promise<string> =>
  issueCertificate(
    { subject: [{ type: 'CN', value: 'a' }], ...validFor(1), ...choice },
    keys.publicKey,
    keys.privateKey,
  );

const algorithms = (certificate: string): string[] =>
  [...printed(certificate).matchAll(/Signature Algorithm: (.*)/g)].map(([, name = '']) => name.trim());

// The names are openssl's; both places of the algorithm must say the same (RFC 5280 §4.1.1.2).
describe('openssl verifies, and names the algorithm as it should,', () => {
  test.each<[string, KeySpec, string]>([
    ['RSA', rsa, 'sha256WithRSAEncryption'],
    ['RSA of 512 bits', { type: 'rsa', bits: 512 }, 'sha256WithRSAEncryption'],
    ['RSA of 1024 bits', { type: 'rsa', bits: 1024 }, 'sha256WithRSAEncryption'],
    ['RSA of 3072 bits', { type: 'rsa', bits: 3072 }, 'sha256WithRSAEncryption'],
    ['P-192', ec('prime192v1'), 'ecdsa-with-SHA256'],
    ['P-224', ec('secp224r1'), 'ecdsa-with-SHA256'],
    ['P-256', ec('prime256v1'), 'ecdsa-with-SHA256'],
    ['P-384', ec('secp384r1'), 'ecdsa-with-SHA384'],
    ['P-521', ec('secp521r1'), 'ecdsa-with-SHA512'],
    ['secp256k1', ec('secp256k1'), 'ecdsa-with-SHA256'],
    ['brainpoolP256r1', ec('brainpoolP256r1'), 'ecdsa-with-SHA256'],
    ['brainpoolP384r1', ec('brainpoolP384r1'), 'ecdsa-with-SHA384'],
    ['brainpoolP512r1', ec('brainpoolP512r1'), 'ecdsa-with-SHA512'],
    ['Ed25519', { type: 'ed25519' }, 'ED25519'],
    ['Ed448', { type: 'ed448' }, 'ED448'],
  ])('without a choice: %s', async (_what, spec, name) => {
    const certificate = await selfSigned(await generateKeyPair(spec));
    expect(algorithms(certificate)).toEqual([name, name]);
    expect(opensslVerify({ certificate, root: certificate })).toMatch(/: OK\n$/);
    expect(loadCertificate(certificate).facts.selfSigned).toBe(true);
  });

  describe('each digest', () => {
    let keys: Record<'rsa' | 'ec', Keys>;
    beforeAll(async () => {
      keys = { rsa: await generateKeyPair(rsa), ec: await generateKeyPair(ec('prime256v1')) };
    });

    test.each<['rsa' | 'ec', Digest, string]>([
      ['rsa', 'md5', 'md5WithRSAEncryption'],
      ['rsa', 'sha1', 'sha1WithRSAEncryption'],
      ['rsa', 'sha224', 'sha224WithRSAEncryption'],
      ['rsa', 'sha256', 'sha256WithRSAEncryption'],
      ['rsa', 'sha384', 'sha384WithRSAEncryption'],
      ['rsa', 'sha512', 'sha512WithRSAEncryption'],
      ['ec', 'sha1', 'ecdsa-with-SHA1'],
      ['ec', 'sha224', 'ecdsa-with-SHA224'],
      ['ec', 'sha256', 'ecdsa-with-SHA256'],
      ['ec', 'sha384', 'ecdsa-with-SHA384'],
      ['ec', 'sha512', 'ecdsa-with-SHA512'],
    ])('%s with %s', async (type, digest, name) => {
      const certificate = await selfSigned(keys[type], { digest });
      expect(algorithms(certificate)).toEqual([name, name]);
      expect(opensslVerify({ certificate, root: certificate })).toMatch(/: OK\n$/);
    });

    test.each<[Digest, string, string]>([
      ['sha1', 'SHA1', '14'],
      ['sha224', 'sha224', '1C'],
      ['sha256', 'sha256', '20'],
      ['sha384', 'sha384', '30'],
      ['sha512', 'sha512', '40'],
    ])('RSASSA-PSS with %s, a salt as long, and the defaults left out', async (digest, name, saltLength) => {
      const certificate = await selfSigned(keys.rsa, { digest, rsaPadding: 'pss' });
      expect(algorithms(certificate)).toEqual(['rsassaPss', 'rsassaPss']);
      const text = printed(certificate).replace(/\s+/g, ' ');
      const isDefault = digest === 'sha1' ? ' (default)' : '';
      expect(text.toLowerCase()).toContain(
        `hash algorithm: ${name}${isDefault} mask algorithm: mgf1 with ${name}${isDefault} salt length: 0x${saltLength}${isDefault}`.toLowerCase(),
      );
      expect(opensslVerify({ certificate, root: certificate })).toMatch(/: OK\n$/);
      // The strict reader refuses an encoded DEFAULT.
      expect(loadCertificate(certificate).facts.selfSigned).toBe(true);
    });
  });
});

test.each(['rsa', ...CURVES])('a chain over three keys of the same kind verifies: %s', async (kind) => {
  const spec: KeySpec = kind === 'rsa' ? { type: 'rsa', bits: 1024 } : ec(kind);
  await expectChain(await generateKeyPair(spec), await generateKeyPair(spec), await generateKeyPair(spec));
});

test.each<[string, KeySpec, KeySpec, KeySpec]>([
  ['RSA over Ed25519 over P-384', rsa, { type: 'ed25519' }, ec('secp384r1')],
  ['Ed448 over P-521 over RSA', { type: 'ed448' }, ec('secp521r1'), rsa],
  ['P-256 over RSA over Ed448', ec('prime256v1'), rsa, { type: 'ed448' }],
])('a chain of several kinds verifies: %s', async (_what, root, middle, leaf) => {
  await expectChain(await generateKeyPair(root), await generateKeyPair(middle), await generateKeyPair(leaf));
});

async function expectChain(rootKeys: Keys, middleKeys: Keys, leafKeys: Keys): Promise<void> {
  const root = await newRoot(rootKeys, { pathLength: 1 });
  const middleWanted = { subject: [{ type: 'CN', value: 'Middle' }], ...validFor(50), isCa: true, pathLength: 0 };
  const middle = await issueCertificate(middleWanted, middleKeys.publicKey, root.authority);
  const authority = openAuthority(middle, pkcs8(middleKeys));
  const leafWanted = {
    subject: [{ type: 'CN', value: 'Leaf' }],
    subjectAltNames: { dns: ['leaf.example'] },
    ...validFor(20),
  };
  const leaf = await issueCertificate(leafWanted, leafKeys.publicKey, authority);
  const verified = opensslVerify({ certificate: leaf, untrusted: middle, root: root.certificate }, [
    '-purpose',
    'sslserver',
  ]);
  expect(verified).toMatch(/: OK\n$/);
}

describe('refused before anything is signed', () => {
  const codeOf = (key: KeyDescription, choice: SignatureChoice): string => {
    try {
      chooseSignature(key, choice);
      return 'taken';
    } catch (error) {
      expect(error).toBeInstanceOf(CannotIssue);
      return (error as CannotIssue).code;
    }
  };

  // RFC 8017 §9.2: the modulus must have 11 octets more than DigestInfo, whose prefix is 18 octets for MD5, 15 for SHA-1, 19 for SHA-2.
  test.each<[Digest, number]>([
    ['md5', 18 + 16 + 11],
    ['sha1', 15 + 20 + 11],
    ['sha224', 19 + 28 + 11],
    ['sha256', 19 + 32 + 11],
    ['sha384', 19 + 48 + 11],
    ['sha512', 19 + 64 + 11],
  ])('%s with an RSA key of less than %i octets', (digest, octets) => {
    expect(codeOf({ type: 'rsa', bits: (octets - 1) * 8 }, { digest })).toBe('DIGEST_TOO_LARGE');
    expect(codeOf({ type: 'rsa', bits: (octets - 1) * 8 + 1 }, { digest })).toBe('taken');
  });

  // RFC 8017 §9.1.1: emLen ≥ hLen + sLen + 2, emLen = ⌈(modBits − 1) / 8⌉.
  test.each<[Digest, number]>([
    ['sha1', 42],
    ['sha256', 66],
    ['sha512', 130],
  ])('%s by PSS with an RSA key of less than %i octets', (digest, octets) => {
    expect(codeOf({ type: 'rsa', bits: (octets - 1) * 8 + 1 }, { digest, rsaPadding: 'pss' })).toBe('DIGEST_TOO_LARGE');
    expect(codeOf({ type: 'rsa', bits: (octets - 1) * 8 + 2 }, { digest, rsaPadding: 'pss' })).toBe('taken');
  });

  test.each([512, 744, 752])('what OpenSSL can not sign with RSA of %i bits is refused, and the rest taken', (bits) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
    const bySigning = (digest: Digest): string => {
      try {
        sign(digest, Buffer.alloc(1), privateKey);
        return 'taken';
      } catch {
        return 'DIGEST_TOO_LARGE';
      }
    };
    for (const digest of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
      expect(`${digest} ${codeOf(describeKey(privateKey), { digest })}`).toBe(`${digest} ${bySigning(digest)}`);
    }
  });

  test.each<[string, KeyDescription, SignatureChoice, string]>([
    ['MD5 with ECDSA', ec('prime256v1'), { digest: 'md5' }, 'DIGEST_UNFIT'],
    ['MD5 with PSS', rsa, { digest: 'md5', rsaPadding: 'pss' }, 'DIGEST_UNFIT'],
    ['any digest with Ed25519', { type: 'ed25519' }, { digest: 'sha512' }, 'DIGEST_UNFIT'],
    ['any digest with Ed448', { type: 'ed448' }, { digest: 'sha256' }, 'DIGEST_UNFIT'],
    ['SHA-512 with DSA', { type: 'dsa', bits: 1024 }, { digest: 'sha512' }, 'DIGEST_UNFIT'],
    ['a key that agrees on keys', { type: 'x25519' }, {}, 'KEY_CANNOT_SIGN'],
  ])('%s', (_what, key, choice, code) => expect(codeOf(key, choice)).toBe(code));
});

test('any value can be signed: what signBytes gives is a signature of those bytes', async () => {
  const bytes = encodeDer(utf8String('any value'));
  const check = async (key: KeyObject, choice: SignatureChoice, padding?: number): Promise<boolean> => {
    const method = chooseSignature(describeKey(key), choice);
    const signature = await signBytes(bytes, method, key);
    const publicKey = createPublicKey(key);
    return verify(method.digest, bytes, padding === undefined ? publicKey : { key: publicKey, padding }, signature);
  };
  const { privateKey: rsaKey } = await generateKeyPair({ type: 'rsa', bits: 1024 });
  const { privateKey: dsaKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  expect(await check(rsaKey, { rsaPadding: 'pss' }, constants.RSA_PKCS1_PSS_PADDING)).toBe(true);
  expect(await check(rsaKey, {}, constants.RSA_PKCS1_PADDING)).toBe(true);
  expect(await check(dsaKey, { digest: 'sha1' })).toBe(true);
  expect(await check(dsaKey, {})).toBe(true);
});
