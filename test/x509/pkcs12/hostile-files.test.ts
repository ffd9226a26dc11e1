import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPkcs12, writePkcs12, X509Error } from '../../../src/x509/index.ts';
import { certificate, commonName } from '../support/der.ts';
import {
  attributes,
  certBag,
  encryptedSafe,
  keyBag,
  pbes2,
  pbkdf2,
  pfx,
  safe,
  shroudedKeyBag,
  tripleDes,
} from './support/build.ts';
import { makePair } from './support/openssl-files.ts';

const pair = makePair('hostile.example');
const others = ['a', 'b'].map((name) => certificate({ subject: commonName(name) }));
const content = { privateKey: pair.key, certificates: [pair.certificate, ...others], friendlyName: 'name' };

/** Some with a MAC, which finds most changes, some without, so that changes reach the readers behind it. */
const originals: Buffer[] = [
  writePkcs12(content, 'p', { iterations: 2 }),
  writePkcs12(content, 'p', { profile: 'legacy', iterations: 2 }),
  pfx([
    safe(
      keyBag(pair.key, attributes({ localKeyId: Buffer.alloc(4), friendlyName: 'x' })),
      ...others.map((der) => certBag(der)),
    ),
  ]),
  pfx([encryptedSafe(pbes2(pbkdf2(1n))), safe(shroudedKeyBag(tripleDes(1n)))]),
  readFileSync(new URL('../fixtures/pkcs12/openssl-rc2-40.p12', import.meta.url)),
];

const octet = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x80, 0x30, 0x24, 0xa0, 0x00, 0xff));
/** Most leave the lengths around them true, so that what lies deeper is reached. */
const edit = fc.oneof(
  { weight: 3, arbitrary: fc.record({ where: fc.nat(), removed: fc.constant(1), inserted: fc.tuple(octet) }) },
  {
    weight: 1,
    arbitrary: fc.record({ where: fc.nat(), removed: fc.nat({ max: 3 }), inserted: fc.array(octet, { maxLength: 3 }) }),
  },
);

test('of 2,000 changed files each is read or refused by an error of ours, in a bounded time', () => {
  let slowest = 0;
  const outcomes = new Map<string, number>();
  const note = (outcome: string): unknown => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  fc.assert(
    fc.property(fc.constantFrom(...originals), fc.array(edit, { minLength: 1, maxLength: 3 }), (original, edits) => {
      const changed = edits.reduce((file: Buffer, { where, removed, inserted }) => {
        const at = file.length === 0 ? 0 : where % file.length;
        return Buffer.concat([file.subarray(0, at), Uint8Array.from(inserted), file.subarray(at + removed)]);
      }, original);
      const start = performance.now();
      try {
        readPkcs12(changed, 'p');
        note('read');
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
        note(error.code);
      }
      slowest = Math.max(slowest, performance.now() - start);
    }),
    { numRuns: 2000 },
  );
  // Rounds may have been made more by a change, up to the ceiling.
  expect(slowest).toBeLessThan(20_000);
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['read', 'NOT_A_PKCS12', 'WRONG_PASSPHRASE']));
});

test('no error tells the passphrase, or octets of the file', () => {
  const file = writePkcs12(content, 'the passphrase', { iterations: 1 });
  for (const [damaged, passphrase] of [
    [file, 'a secret word'],
    [file.subarray(0, 300), 'a secret word'],
    [pfx([safe(keyBag(Buffer.from('300a0c0873656372657421', 'hex')))]), 'a secret word'],
  ] as const) {
    const told: unknown[] = [];
    try {
      readPkcs12(damaged, passphrase);
    } catch (error) {
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
        told.push(cause.message, ...Object.values(cause));
      }
    }
    expect(told).not.toEqual([]);
    expect(JSON.stringify(told)).not.toMatch(/secret|c2VjcmV0|736563726574|Buffer/);
  }
});
