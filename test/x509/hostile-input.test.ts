import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BeyondLimits, containsPrivateKey, loadCertificate, loadPrivateKey, X509Error } from '../../src/x509/index.ts';
import {
  attribute,
  certificate,
  fromPem,
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
import { mozillaCertificates } from './support/fixtures.ts';

const MEGABYTE = 1 << 20;
const fill = (part: string): string => part.repeat(Math.floor(MEGABYTE / part.length));
const many = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const numbers = (bits: number): Buffer[] => Array(8).fill(tlv(0x02, Buffer.alloc(bits / 8, 0x55)));

/** An AlgorithmIdentifier that holds another, and so on: RSASSA-PSS with RSASSA-PSS as its hash. */
function nest(depth: number): Buffer {
  const pss = hex('06 09 2a 86 48 86 f7 0d 01 01 0a');
  let algorithm = sequence(pss);
  for (let level = 0; level < depth; level++) algorithm = sequence(pss, sequence(tlv(0xa0, algorithm)));
  return algorithm;
}

const extension = (value: Buffer): Buffer => sequence(hex('06 03 55 1d 11'), tlv(0x04, value));
const inputs: Record<string, string> = {
  dashes: fill('-'),
  'BEGIN without end': fill('-----BEGIN '),
  'empty blocks': fill('-----BEGIN A-----\n-----END A-----\n'),
  'many certificates': fill(pem('CERTIFICATE', certificate())),
  'many headers': `-----BEGIN CERTIFICATE-----\n${fill('A: b\n')}\n-----END CERTIFICATE-----`,
  'blank lines': `-----BEGIN CERTIFICATE-----${fill('\n')}-----END CERTIFICATE-----`,
  'blank lines, almost': `-----BEGIN CERTIFICATE-----A${fill('\r\n')}-----END CERTIFICATE-----`,
  blanks: `${fill(' ')}x${fill('\u3000')}`,
  'starts of keys': fill('MI'),
  'the word private': fill('private '),
  'the word private and blanks': `private${fill(' ')}`,
  'surrogates that do not pair': fill('\ud800'),
  'base64 of nothing': pem('CERTIFICATE', Buffer.alloc(700_000)),
  'a long value in a name': pem(
    'CERTIFICATE',
    certificate({ subject: name(rdn(attribute(OID.commonName, text(0x0c, fill('+').slice(0, 700_000))))) }),
  ),
  'many RDNs': pem(
    'CERTIFICATE',
    certificate({ subject: sequence(many(20_000, (i) => rdn(attribute(OID.commonName, text(0x0c, `${i}`))))) }),
  ),
  'many attributes in one RDN': pem(
    'CERTIFICATE',
    certificate({
      subject: name(
        tlv(
          0x31,
          many(16_000, (i) => attribute(OID.commonName, text(0x0c, `${10_000 + i}`))),
        ),
      ),
    }),
  ),
  'many extensions': pem(
    'CERTIFICATE',
    certificate({ extensions: tlv(0xa3, sequence(many(20_000, () => extension(Buffer.alloc(0))))) }),
  ),
  'many alternative names': pem(
    'CERTIFICATE',
    certificate({ extensions: tlv(0xa3, sequence(extension(sequence(many(45_000, (i) => text(0x82, `${i}`)))))) }),
  ),
  'a huge serial number': pem('CERTIFICATE', certificate({ serialNumber: tlv(0x02, Buffer.alloc(600_000, 0x55)) })),
  'nested algorithms': pem('CERTIFICATE', certificate({ signatureAlgorithm: nest(5000) })),
  'a huge RSA public key': pem(
    'CERTIFICATE',
    certificate({
      publicKey: sequence(
        sequence(OID.rsaEncryption, hex('05 00')),
        tlv(0x03, Buffer.alloc(1), sequence(...numbers(2_000_000).slice(6))),
      ),
    }),
  ),
  'a huge RSA key': pem('RSA PRIVATE KEY', sequence(integer(0n), ...numbers(800_000))),
  'an RSA key of 16384 bits': pem('RSA PRIVATE KEY', sequence(integer(0n), ...numbers(16_384))),
  'a large DSA key': pem(
    'PRIVATE KEY',
    sequence(
      integer(0n),
      sequence(hex('06 07 2a 86 48 ce 38 04 01'), sequence(...numbers(9984).slice(5))),
      tlv(0x04, tlv(0x02, Buffer.alloc(1248, 0x55))),
    ),
  ),
};

describe('a megabyte of anything is dealt with in a moment', () => {
  test.each(Object.entries(inputs))('%s', (_, input) => {
    for (const act of [() => loadCertificate(input), () => loadPrivateKey(input), () => containsPrivateKey(input)]) {
      // The best of three: the machine may be busy. What is quadratic takes minutes.
      const times = [1, 2, 3].map(() => timed(act));
      expect(Math.min(...times)).toBeLessThan(1000);
    }
  });
});

test.each<[string, string]>([
  ['more alternative names than are kept', 'many alternative names'],
  ['more blocks than are looked at', 'empty blocks'],
])('%s are refused, since to leave some out would be silently wrong', (_, input) => {
  expect(() => loadCertificate(inputs[input] as string)).toThrow(BeyondLimits);
});

test('an alternative name of more elements than are read is refused, a malformed one is left out', () => {
  const directory = (rdns: number) => tlv(0xa4, sequence(Buffer.alloc(2 * rdns, hex('31 00'))));
  const load = (...names: Buffer[]) =>
    loadCertificate(
      pem('CERTIFICATE', certificate({ extensions: tlv(0xa3, sequence(extension(sequence(...names)))) })),
    );

  expect(() => load(directory(60_000))).toThrow(BeyondLimits);
  expect(load(directory(1), tlv(0x9f, Buffer.alloc(1))).facts.subjectAltNames.directory).toEqual([]);
});

test('a name of more attributes than its text may have is refused before anything is made of them', () => {
  // Each is refused by itself too, in other words.
  const subject = sequence(tlv(0x31, Buffer.alloc(8 * 5462, hex('30 06 06 01 2a 0c 01 ff'))));
  expect(() => loadCertificate(pem('CERTIFICATE', certificate({ subject })))).toThrow(BeyondLimits);
});

describe('whatever comes, nothing but our own errors is thrown', () => {
  const certificates = mozillaCertificates()
    .slice(0, 40)
    .map((root) => fromPem(root.pem));
  const keys = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
    generateKeyPairSync('ed448'),
  ].map(({ privateKey }) => privateKey.export({ format: 'der', type: 'pkcs8' }));

  /** Some octets changed, some taken out, some put in. */
  const damaged = (originals: Buffer[]): fc.Arbitrary<Buffer> =>
    fc
      .tuple(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.uint8Array({ minLength: 1, maxLength: 3 })), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(([original, edits]) => {
        let octets: Buffer = original;
        for (const [where, kept, inserted] of edits) {
          const position = where % octets.length;
          octets = Buffer.concat([octets.subarray(0, position), inserted, octets.subarray(position + kept)]);
        }
        return octets;
      });

  test.each<[string, fc.Arbitrary<string>]>([
    ['any text', fc.string({ unit: 'binary', maxLength: 2000 })],
    ['damaged certificates', damaged(certificates).map((der) => pem('CERTIFICATE', der))],
    ['damaged keys', damaged(keys).map((der) => pem('PRIVATE KEY', der))],
    ['any octets', fc.uint8Array({ maxLength: 300 }).map((octets) => pem('CERTIFICATE', Buffer.from(octets)))],
  ])('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (input) => {
        expect(kindOf(() => loadCertificate(input))).not.toBe('foreign');
        expect(kindOf(() => loadPrivateKey(input))).not.toBe('foreign');
        expect(containsPrivateKey(input)).toBeTypeOf('boolean');
      }),
      { numRuns: 1000 },
    );
  });
});

function kindOf(act: () => unknown): 'accepted' | 'refused' | 'foreign' {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return error instanceof X509Error ? 'refused' : 'foreign';
  }
}

function timed(act: () => unknown): number {
  const start = performance.now();
  expect(kindOf(act)).not.toBe('foreign');
  return performance.now() - start;
}
