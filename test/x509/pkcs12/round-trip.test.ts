import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BeyondLimits,
  CannotIssue,
  LIMITS,
  NotACertificate,
  NotAPrivateKey,
  readPkcs12,
  WrongPassphrase,
  writePkcs12,
} from '../../../src/x509/index.ts';
import { certificate, commonName, hex, integer, sequence, tlv } from '../support/der.ts';

const unicode = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'binary', maxLength });
/** PrivateKeyInfo of a type that nobody knows. */
const anyKey = fc
  .tuple(fc.constantFrom(0n, 1n), fc.uint8Array({ maxLength: 300 }))
  .map(([version, secret]) => sequence(integer(version), sequence(hex('06 03 2a 03 04')), tlv(0x04, secret)));
/** Certificates that did not issue one another, so that their order is kept. */
const anyCertificates = fc
  .uniqueArray(fc.nat(), { maxLength: 4 })
  .map((numbers) => numbers.map((number) => certificate({ subject: commonName(`${number}`) })));

test('whatever is written is read again under its passphrase, and under no other', () => {
  const content = fc.record({
    privateKey: fc.option(anyKey),
    certificates: anyCertificates,
    friendlyName: fc.option(unicode(50)),
  });
  const profiles = fc.constantFrom('modern', 'legacy');
  fc.assert(
    fc.property(
      content,
      unicode(40),
      profiles,
      fc.integer({ min: 1, max: 300 }),
      (given, passphrase, profile, iterations) => {
        const file = writePkcs12(given, passphrase, { profile, iterations });
        const isNamed = given.privateKey !== null || given.certificates.length > 0;
        expect(readPkcs12(file, passphrase)).toEqual({
          ...given,
          friendlyName: isNamed ? given.friendlyName : null,
          keyCount: given.privateKey === null ? 0 : 1,
        });
        expect(() => readPkcs12(file, `${passphrase}.`)).toThrow(WrongPassphrase);
      },
    ),
    { numRuns: 200 },
  );
});

test('two files of the same content have no octets of salt, key stream or MAC in common', () => {
  const content = { privateKey: null, certificates: [certificate()], friendlyName: null };
  const [one, other] = [1, 2].map(() => writePkcs12(content, 'secret', { iterations: 1 })) as [Buffer, Buffer];
  const tail = (file: Buffer): string => file.subarray(file.length - 60).toString('hex');
  expect(tail(one)).not.toBe(tail(other));
  expect(one.includes(other.subarray(200, 216))).toBe(false);
});

test('what could not be read again is not written', () => {
  const content = { privateKey: null, certificates: [certificate()], friendlyName: null };
  const write = (change: object, passphrase = 'p', iterations = 1) =>
    writePkcs12({ ...content, ...change }, passphrase, { iterations });
  expect(() => write({ privateKey: Buffer.from('secret') })).toThrow(NotAPrivateKey);
  // PKCS#1, to be wrapped first.
  expect(() => write({ privateKey: sequence(...Array.from({ length: 9 }, () => integer(1n))) })).toThrow(
    NotAPrivateKey,
  );
  expect(() => write({ certificates: [certificate(), Buffer.alloc(0)] })).toThrow(NotACertificate);
  expect(() => write({ certificates: [Buffer.concat([certificate(), Buffer.alloc(1)])] })).toThrow(NotACertificate);
  expect(() => write({ friendlyName: 'half \ud83d' })).toThrow(CannotIssue);
  expect(() => write({}, 'half \ud83d')).toThrow(WrongPassphrase);
  expect(() => write({}, 'x'.repeat(1025))).toThrow(BeyondLimits);
  expect(() => write({}, 'p', 2_000_000)).toThrow(BeyondLimits);
  expect(() => write({ certificates: [sequence(Buffer.alloc(1_048_500))] })).toThrow(BeyondLimits);
  // The MAC and two parts, each under both forms of the empty passphrase.
  const sixth = Math.floor(LIMITS.PBE_ITERATIONS / 6);
  expect(() => write({}, '', sixth + 1)).toThrow(BeyondLimits);
  for (const iterations of [0, -1, 1.5, Number.NaN]) expect(() => write({}, 'p', iterations)).toThrow(RangeError);
});
