import { describe, expect, test } from 'vitest';
import {
  certificateBlocks,
  chainOfOne,
  describeCertificate,
  describeChain,
  LIMITS,
  NotACertificate,
} from '../../src/x509/index.ts';
import { opensslPair } from '../support/openssl.ts';
import { opensslChain, opensslFacts, opensslIssued, textOf } from './support/chains.ts';
import {
  attribute,
  certificate,
  commonName,
  fromPem,
  hex,
  name,
  OID,
  pem,
  rdn,
  sequence,
  text,
  tlv,
} from './support/der.ts';
import { mozillaCertificates } from './support/fixtures.ts';

const readable = (described: string) => describeChain(described).certificates.map((each) => each.readable);
const verdicts = (described: string) =>
  describeChain(described).certificates.map((each) => (each.readable ? each.signsPrevious : each.reason));

describe('each certificate of a text', () => {
  test('is described in its order, as openssl does', () => {
    const [leaf, intermediate, root] = opensslChain('facts');
    const { certificates, truncated } = describeChain(textOf([leaf, intermediate, root]));
    const expected = (pair: typeof leaf, rest: object) => ({
      readable: true,
      ...opensslFacts(pair.certificate),
      ...rest,
    });
    expect(certificates).toEqual([
      expected(leaf, { isCa: false, selfIssued: false, signsPrevious: null }),
      expected(intermediate, { isCa: true, selfIssued: false, signsPrevious: true }),
      expected(root, { isCa: true, selfIssued: true, signsPrevious: true }),
    ]);
    expect(truncated).toBe(false);
  });

  test('counts under either label, with keys, comments and other blocks between', () => {
    const [leaf, intermediate, root] = opensslChain('between');
    const old = intermediate.certificate.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE');
    const trusted = root.certificate.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE');
    expect(verdicts(`a\n${leaf.certificate}b\n${leaf.privateKey}${trusted}${old}c`)).toEqual([null, true]);
  });

  test('of Mozilla’s root store is readable, in texts of a hundred', () => {
    const roots = mozillaCertificates().slice(0, 100);
    const { certificates } = describeChain(roots.map((root) => root.pem).join(''));
    expect(certificates.map((each) => each.readable && each.fingerprintSha256)).toEqual(
      roots.map(({ sha256 }) => sha256),
    );
  });

  test('that is none says so, and the others are described', () => {
    const [leaf, , root] = opensslChain('broken');
    const broken = pem('CERTIFICATE', sequence(hex('02 01 05')));
    expect(readable(leaf.certificate + broken + root.certificate)).toEqual([true, false, true]);
    expect(verdicts(leaf.certificate + broken + root.certificate)).toEqual([null, 'a tag other than 0x30', null]);
  });

  test('of names beyond the limits says so', () => {
    const long = name(rdn(attribute(OID.commonName, text(0x0c, 'x'.repeat(LIMITS.NAME_CHARACTERS)))));
    const block = pem('CERTIFICATE', certificate({ subject: long }));
    expect(verdicts(pem('CERTIFICATE', certificate()) + block)).toEqual([null, 'NAME_CHARACTERS over 16384']);
  });

  test('of a name that pyca would refuse is described all the same', () => {
    const odd = name(rdn(attribute(OID.commonName, text(0x0c, 'é', 'latin1'))));
    const { certificates } = describeChain(pem('CERTIFICATE', certificate({ subject: odd })));
    expect(certificates).toMatchObject([{ subject: 'CN=#0c01e9' }]);
  });

  test('beyond the hundredth is not described, and that is said', () => {
    const block = pem('CERTIFICATE', certificate());
    const [hundred, more] = [describeChain(block.repeat(100)), describeChain(block.repeat(101))];
    expect([hundred.certificates.length, hundred.truncated]).toEqual([100, false]);
    expect([more.certificates.length, more.truncated]).toEqual([100, true]);
  });
});

describe('a certificate signs the one before', () => {
  test.each([
    ['RSA with SHA-256', ['-newkey', 'rsa:2048', '-sha256']],
    ['RSA with SHA-1', ['-newkey', 'rsa:1024', '-sha1']],
    ['RSASSA-PSS', ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-sha384']],
    ['Ed25519', ['-newkey', 'ed25519']],
    ['Ed448', ['-newkey', 'ed448']],
  ])('where openssl verifies it: %s', (_, algorithm) => {
    const chain = opensslChain('algorithm', algorithm);
    expect(verdicts(textOf(chain))).toEqual([null, true, true]);
  });

  test('not where only its name is the issuer’s', () => {
    const [leaf, , root] = opensslChain('namesake');
    const namesake = opensslIssued('namesake intermediate', { issuer: root });
    expect(verdicts(textOf([leaf, namesake, root]))).toEqual([null, false, true]);
  });

  test('not where only its key is the issuer’s', () => {
    const [leaf, intermediate] = opensslChain('renamed');
    const renamed = opensslIssued('another', { privateKey: intermediate.privateKey }).certificate;
    expect(verdicts(leaf.certificate + renamed)).toEqual([null, false]);
  });

  test('not where the name is the same text in other bytes', () => {
    const issuer = commonName('issuer');
    const printable = name(rdn(attribute(OID.commonName, text(0x13, 'issuer'))));
    const blocks = [certificate({ issuer }), certificate({ subject: printable })];
    expect(verdicts(blocks.map((der) => pem('CERTIFICATE', der)).join(''))).toEqual([null, false]);
  });

  test('not where the signature was tampered with', () => {
    const [leaf, intermediate] = opensslChain('tampered');
    const der = fromPem(leaf.certificate);
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    expect(verdicts(pem('CERTIFICATE', der) + intermediate.certificate)).toEqual([null, false]);
  });

  test('not known of an algorithm that OpenSSL does not know, whatever the key', () => {
    // 1.2.3.4 is nobody's; the signer's key is sound.
    const unknown = certificate({ issuer: commonName('signer'), signatureAlgorithm: sequence(hex('06 03 2a 03 04')) });
    const signer = opensslPair('signer').certificate;
    expect(verdicts(pem('CERTIFICATE', unknown) + signer)).toEqual([null, null]);
  });

  test('not known of a key that OpenSSL does not know', () => {
    const publicKey = sequence(sequence(hex('06 03 2a 03 04')), tlv(0x03, Buffer.alloc(33)));
    const signer = certificate({ subject: commonName('signer'), publicKey });
    const leaf = opensslIssued('leaf', { issuer: opensslIssued('signer') });
    expect(verdicts(leaf.certificate + pem('CERTIFICATE', signer))).toEqual([null, null]);
  });

  test('not known after ten signatures; that another name signed is', () => {
    const [first, ...others] = Array.from(
      { length: 14 },
      () => opensslPair('same', ['-newkey', 'ed25519']).certificate,
    );
    const other = opensslPair('other', ['-newkey', 'ed25519']).certificate;
    const expected = [null, ...Array(10).fill(false), null, null, null, false];
    expect(verdicts([first, ...others, other].join(''))).toEqual(expected);
  });
});

describe('a text', () => {
  test('without a certificate, or with a broken block, is refused', () => {
    const [{ certificate: sound, privateKey }] = opensslChain('refused');
    for (const refused of ['', privateKey, `${sound}-----BEGIN A-----\n*\n-----END A-----`]) {
      expect(() => describeChain(refused)).toThrow(NotACertificate);
    }
  });

  test('of one certificate is described from its facts as from its text', () => {
    for (const { certificate: only } of opensslChain('one')) {
      expect(chainOfOne(describeCertificate(only))).toEqual(describeChain(only));
    }
    for (const { pem: root } of mozillaCertificates()) {
      expect(chainOfOne(describeCertificate(root))).toEqual(describeChain(root));
    }
  });

  test('leaves nothing but its certificates where they are cut out, and they are described the same', () => {
    const chain = opensslChain('cut');
    const [leaf, intermediate, root] = chain;
    const whole = `# ${leaf.privateKey}${leaf.certificate}\n${root.privateKey}x${intermediate.certificate}${root.certificate}`;
    const blocks = certificateBlocks(whole);
    expect(blocks).toEqual(chain.map((pair) => pair.certificate.trimEnd()));
    expect(describeChain(blocks.join('\n'))).toEqual(describeChain(whole));
  });
});
