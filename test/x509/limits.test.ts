import { describe, expect, test } from 'vitest';
import {
  BeyondLimits,
  checkAuthentikRequest,
  containsPrivateKey,
  describeCertificate,
  holdsOnlyCertificates,
  loadPrivateKey,
  NotACertificate,
  NotAPrivateKey,
  X509Error,
} from '../../src/x509/index.ts';
import {
  attribute,
  certificate,
  commonName,
  hex,
  integer,
  name,
  OID,
  pem,
  rdn,
  sequence,
  text,
  tlv,
} from './support/der.ts';

const REQUEST = { commonName: 'x', subjectAltNames: [], validityDays: 1, issuerCommonName: 'x', now: new Date() };

const errorOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};
const limitOf = (act: () => unknown): unknown => {
  const error = errorOf(act);
  return error instanceof BeyondLimits ? error.limit : error;
};
const wrap = (der: Buffer): string => pem('CERTIFICATE', der);

// docs/decisions/0015.
describe('what is within the limits is read, what is one beyond is refused as such', () => {
  const block = pem('X', Buffer.from('x'));

  test('256 PEM blocks', () => {
    const text = wrap(certificate()) + block.repeat(255);
    expect(limitOf(() => describeCertificate(text))).toBeNull();
    for (const act of [describeCertificate, loadPrivateKey, containsPrivateKey]) {
      expect(limitOf(() => act(text + block))).toBe('PEM_BLOCKS');
    }
    const certificates = wrap(certificate()).repeat(256);
    expect(holdsOnlyCertificates(certificates)).toBe(true);
    expect(limitOf(() => holdsOnlyCertificates(certificates + wrap(certificate())))).toBe('PEM_BLOCKS');
  });

  describe('16,384 characters of a name', () => {
    const subject = (value: string): string => wrap(certificate({ subject: commonName(value) }));
    const issuer = (value: string): string => wrap(certificate({ issuer: commonName(value) }));

    test.each([
      ['subject', subject],
      ['issuer', issuer],
    ])('%s', (_, make) => {
      expect(describeCertificate(make('x'.repeat(16_381)))).toBeDefined();
      expect(limitOf(() => describeCertificate(make('x'.repeat(16_382))))).toBe('NAME_CHARACTERS');
    });

    test('they are counted by code points, as Python counts', () => {
      expect(describeCertificate(subject('😀'.repeat(16_381))).subject).toHaveLength(3 + 2 * 16_381);
      expect(limitOf(() => describeCertificate(subject('😀'.repeat(16_382))))).toBe('NAME_CHARACTERS');
      expect(limitOf(() => describeCertificate(subject(`${'😀'.repeat(16_000)}${'x'.repeat(382)}`)))).toBe(
        'NAME_CHARACTERS',
      );
    });

    test('what is escaped counts as it is written', () => {
      expect(limitOf(() => describeCertificate(subject('+'.repeat(8190))))).toBeNull();
      expect(limitOf(() => describeCertificate(subject('+'.repeat(8191))))).toBe('NAME_CHARACTERS');
    });

    test('so many attributes that none could have a value', () => {
      // Types of two characters and no value: `O=,O=,…`, 3n − 1 in all.
      const empty = (count: number): string =>
        wrap(certificate({ subject: name(...Array(count).fill(rdn(attribute(OID.organization, text(0x0c, ''))))) }));
      expect(describeCertificate(empty(5461)).subject).toHaveLength(16_382);
      expect(limitOf(() => describeCertificate(empty(5462)))).toBe('NAME_CHARACTERS');
    });
  });

  test('elements and octets of DER, in certificates and in keys', () => {
    const rdns = (count: number): Buffer => sequence(Buffer.alloc(2 * count, hex('31 00')));
    expect(limitOf(() => describeCertificate(wrap(certificate({ issuer: rdns(50_000) }))))).toBe('DER_ELEMENTS');
    expect(limitOf(() => loadPrivateKey(pem('PRIVATE KEY', rdns(50_000))))).toBeInstanceOf(NotAPrivateKey);
    expect(limitOf(() => loadPrivateKey(pem('PRIVATE KEY', Buffer.alloc((1 << 20) + 1))))).toBe('DER_BYTES');
    const names = sequence(hex('06 03 55 1d 11'), tlv(0x04, sequence(tlv(0xa4, rdns(50_000)))));
    const extensions = tlv(0xa3, sequence(names));
    expect(limitOf(() => describeCertificate(wrap(certificate({ extensions }))))).toBe('DER_ELEMENTS');
    expect(limitOf(() => describeCertificate(wrap(Buffer.alloc((1 << 20) + 1))))).toBe('DER_BYTES');
  });

  test('16,384 bits of a number of an RSA key', () => {
    const numbers = (bits: number): Buffer[] => Array(8).fill(integer((1n << BigInt(bits)) - 1n));
    const key = (bits: number): string => pem('RSA PRIVATE KEY', sequence(integer(0n), ...numbers(bits)));
    expect(errorOf(() => loadPrivateKey(key(16_384)))).toBeInstanceOf(NotAPrivateKey);
    expect(limitOf(() => loadPrivateKey(key(16_385)))).toBe('RSA_BITS');
    const one = sequence(integer(0n), ...numbers(8).slice(1), integer((1n << 16_385n) - 1n));
    expect(limitOf(() => loadPrivateKey(pem('RSA PRIVATE KEY', one)))).toBe('RSA_BITS');
  });

  test('10,000 bits of the prime of a DH key', () => {
    const key = (bits: bigint): string => {
      const parameters = sequence(integer((1n << bits) - 1n), integer(2n));
      const algorithm = sequence(hex('06 09 2a 86 48 86 f7 0d 01 03 01'), parameters);
      return pem('PRIVATE KEY', sequence(integer(0n), algorithm, tlv(0x04, integer(5n))));
    };
    expect(errorOf(() => loadPrivateKey(key(10_000n)))).not.toBeInstanceOf(BeyondLimits);
    expect(limitOf(() => loadPrivateKey(key(10_001n)))).toBe('DH_BITS');
  });
});

describe('an error says what is wrong, by a code for programs and a reason for the log', () => {
  test.each<[string, () => unknown, Record<string, unknown>]>([
    [
      'no certificate',
      () => describeCertificate(''),
      { name: 'NotACertificate', code: 'NOT_A_CERTIFICATE', message: expect.stringMatching(/^Not a certificate: ./) },
    ],
    [
      'no key',
      () => loadPrivateKey(''),
      { name: 'NotAPrivateKey', code: 'NOT_A_PRIVATE_KEY', message: expect.stringMatching(/^Not a private key: ./) },
    ],
    [
      'no name for a certificate',
      () => checkAuthentikRequest({ ...REQUEST, commonName: '' }),
      {
        name: 'CannotIssue',
        code: 'COMMON_NAME_EMPTY',
        message: expect.stringMatching(/^Cannot issue this certificate: ./),
      },
    ],
    [
      'too much',
      () => describeCertificate(pem('X', Buffer.from('x')).repeat(257)),
      {
        name: 'BeyondLimits',
        code: 'BEYOND_LIMITS',
        limit: 'PEM_BLOCKS',
        reason: 'PEM_BLOCKS over 256',
        message: 'Beyond the limits: PEM_BLOCKS over 256',
      },
    ],
  ])('%s', (_, act, expected) => {
    const error = errorOf(act);
    expect(error).toBeInstanceOf(X509Error);
    expect(error).toMatchObject(expected);
    const { message, reason } = error as X509Error;
    expect(message.endsWith(`: ${reason}`)).toBe(true);
  });

  test('what was found below is its cause, and there is none where nothing was', () => {
    const broken = errorOf(() => describeCertificate(wrap(hex('30')))) as NotACertificate;
    expect(broken.cause).toBeInstanceOf(Error);
    expect(broken.reason).toBe((broken.cause as Error).message);
    expect(errorOf(() => describeCertificate(''))).not.toHaveProperty('cause');
    expect((errorOf(() => loadPrivateKey(pem('PRIVATE KEY', hex('30')))) as Error).cause).toBeInstanceOf(Error);
  });
});

// RFC 5280 §4.1.2.5: a UTCTime begins with 1950.
test('a certificate of authentik may begin with 1950 and no earlier', () => {
  const check = (now: string): unknown => errorOf(() => checkAuthentikRequest({ ...REQUEST, now: new Date(now) }));
  expect(check('1950-01-02T00:00:00Z')).toBeNull();
  expect(check('1950-01-01T23:59:59Z')).toMatchObject({ code: 'VALIDITY_TOO_SHORT' });
});

// pyca looks at repetitions only where it writes a name, and authentik never writes the issuer.
test('an issuer may have an attribute twice in one RDN', () => {
  const twice = attribute(OID.organization, text(0x0c, 'a'));
  expect(describeCertificate(wrap(certificate({ issuer: name(rdn(twice, twice)) }))).issuer).toBe('O=a+O=a');
  expect(() => describeCertificate(wrap(certificate({ subject: name(rdn(twice, twice)) })))).toThrow(NotACertificate);
});
