import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKeyPair, type KeySpec, type NewCertificate } from '../../../src/x509/index.ts';
import { openssl, opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newRoot, pkcs8, validFor } from '../../x509/issuing/support/wanted.ts';
import { opensslAmong } from './support/files.ts';
import { expectProblems, generated, refused, soundBody } from './support/generate.ts';
import { besideServer } from './support/stored-pair.ts';

const P256: KeySpec = { type: 'ec', curve: 'prime256v1' };
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const DIGESTS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

const STRATA = { defaultTsg: '1000000000', legacyDates: 'full-date', signingKeyDays: 30 } as const;

let strict: TestServer;
let lenient: TestServer;
const beside = new Map<TestServer, Awaited<ReturnType<typeof besideServer>>>();
beforeAll(async () => {
  strict = await startServer();
  lenient = await startServer({ strata: { ...STRATA, allowWeak: true } });
  for (const server of [strict, lenient]) {
    beside.set(server, await besideServer(server));
  }
});
afterAll(async () => {
  for (const [server, { close }] of beside) {
    await close();
    await server.close();
  }
});

/** A stored CA, by its name. */
async function storedCa(server: TestServer, spec: KeySpec, wanted: Partial<NewCertificate> = {}): Promise<string> {
  const keys = await generateKeyPair(spec);
  const { certificate } = await newRoot(keys, wanted);
  return present(beside.get(server)).storePair({ certificate, privateKey: pkcs8(keys) });
}

const signedBy = (signed_by: string, changes: object = {}) =>
  soundBody({ signed_by, day_till_expiration: 10, ...changes });

describe('a signer that can not sign is refused, naming signed_by and why', () => {
  const ca = opensslPair('ca.example', EC);
  test.each<[string, () => Partial<typeof ca> & Pick<typeof ca, 'certificate'>, string]>([
    [
      'no CA',
      () => opensslPair('leaf.example', [...EC, '-addext', 'basicConstraints=critical,CA:FALSE']),
      'is not a CA',
    ],
    ['without its key', () => ({ certificate: ca.certificate }), 'its private key is not stored here'],
    [
      'with the key of another',
      () => ({ ...ca, privateKey: opensslPair('other.example', EC).privateKey }),
      'its key is not that of its certificate',
    ],
    [
      'with name constraints',
      () => opensslPair('constrained.example', [...EC, '-addext', 'nameConstraints=permitted;DNS:example']),
      'its certificate has constraints that are not checked here',
    ],
    [
      'whose usage is another',
      () => opensslPair('usage.example', [...EC, '-addext', 'keyUsage=critical,digitalSignature']),
      'its key usage does not let it sign certificates',
    ],
    [
      'with a key that is never computed with',
      () => ({ ...ca, privateKey: openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048']) }),
      'its key can not be used here',
    ],
  ])('%s', async (_what, pair, why) => {
    const name = await present(beside.get(strict)).storePair(pair());
    expect(await expectProblems(strict, signedBy(name), ['signed_by'])).toEqual([`signed_by: ${why}`]);
  });

  test('unknown; beside it every other problem that can be known', async () => {
    const algorithm = { rsa_number_of_bits: 1024 };
    const fields = ['signed_by', 'algorithm.rsa_number_of_bits', 'digest'];
    const details = await expectProblems(strict, signedBy('nobody', { algorithm, digest: 'md5' }), fields);
    expect(details[0]).toBe('signed_by: there is no such certificate in this container');
  });
});

describe('what the signer allows', () => {
  test('a leaf that would outlive it is refused, and one that ends with it is not', async () => {
    const root = await generated(strict, { is_certificate_authority: true, day_till_expiration: 30 });
    const end = new Date(Number(root.expiry_epoch) * 1000).toISOString().replace('.000', '');
    const details = await expectProblems(strict, signedBy(root.name, { day_till_expiration: 31 }), [
      'day_till_expiration',
    ]);
    expect(details).toEqual([`day_till_expiration: must end no later than the signer, at ${end}`]);
    await generated(strict, signedBy(root.name, { day_till_expiration: 29 }));
  });

  test('one that has expired signs nothing, whatever the days', async () => {
    const root = await storedCa(strict, P256, {
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2021-01-01T00:00:00Z'),
    });
    for (const days of [{}, { day_till_expiration: 1 }]) {
      const details = await expectProblems(strict, signedBy(root, days), ['signed_by']);
      expect(details).toEqual(['signed_by: has expired']);
    }
  });

  test('who names no days ends with a signer that ends some hours before, and not with one that ends sooner', async () => {
    const ending = (hours: number) => ({ ...validFor(500), notAfter: new Date(Date.now() + hours * 3_600_000) });
    const root = await storedCa(strict, P256, ending(365 * 24 - 1));
    const leaf = await generated(strict, { signed_by: root });
    expect(Number(leaf.expiry_epoch) * 1000 - Date.now()).toBeLessThan((365 * 24 - 1) * 3_600_000);
    const soon = await storedCa(strict, P256, ending(364 * 24 - 1));
    await expectProblems(strict, soundBody({ signed_by: soon }), ['day_till_expiration']);
  });

  test('a CA below a path length of zero is refused, and a leaf is not', async () => {
    const root = await storedCa(strict, P256, { pathLength: 0 });
    await expectProblems(strict, signedBy(root, { is_certificate_authority: true }), ['is_certificate_authority']);
    await generated(strict, signedBy(root));
  });

  test('a path length is used up by the CAs below it, one after the other', async () => {
    const root = await storedCa(strict, P256, { pathLength: 2 });
    const middle = await generated(strict, signedBy(root, { is_certificate_authority: true }));
    const last = await generated(strict, signedBy(middle.name, { is_certificate_authority: true }));
    const constraints = [middle, last].map(({ public_key }) =>
      opensslAmong({ pem: public_key }, ['x509', '-in', 'pem', '-noout', '-ext', 'basicConstraints']).toString(),
    );

    expect(constraints).toEqual([
      expect.stringMatching('CA:TRUE, pathlen:1'),
      expect.stringMatching('CA:TRUE, pathlen:0'),
    ]);
    await expectProblems(strict, signedBy(last.name, { is_certificate_authority: true }), ['is_certificate_authority']);
    await generated(strict, signedBy(last.name));
  });

  test('a certificate begins with a signer that begins a minute from now', async () => {
    const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
    const root = await storedCa(strict, P256, { ...validFor(100), notBefore });
    const { validFrom, validTo } = new X509Certificate((await generated(strict, signedBy(root))).public_key);
    expect(new Date(validFrom)).toEqual(notBefore);
    expect(Date.parse(validTo) - notBefore.getTime()).toBe(10 * 86_400_000);
  });

  test('a signer that begins in an hour does not sign yet', async () => {
    const root = await storedCa(strict, P256, { ...validFor(100), notBefore: new Date(Date.now() + 3_600_000) });
    const details = await expectProblems(strict, signedBy(root), ['signed_by']);
    expect(details).toEqual(['signed_by: is not valid yet']);
  });
});

describe('every digest with every type of key that signs: it signs, or is a 400', () => {
  const SIGNERS: readonly [string, KeySpec, Readonly<Record<string, string>>][] = [
    ['RSA-2048', { type: 'rsa', bits: 2048 }, rsa(...DIGESTS)],
    ['RSA-512', { type: 'rsa', bits: 512 }, rsa('md5', 'sha1', 'sha256')],
    ['P-256', P256, ecdsa()],
    ['P-384', { type: 'ec', curve: 'secp384r1' }, ecdsa()],
    ['Ed25519', { type: 'ed25519' }, {}],
    ['Ed448', { type: 'ed448' }, {}],
  ];
  test('a child of each', async () => {
    const made: string[] = [];
    const expected: string[] = [];
    for (const [type, spec, algorithms] of SIGNERS) {
      const digest = type.startsWith('Ed') ? undefined : ('sha256' as const);
      const signer = await storedCa(lenient, spec, { digest });
      for (const wanted of DIGESTS) {
        const body = signedBy(signer, { digest: wanted, common_name: `${type} ${wanted}` });
        if (algorithms[wanted] === undefined) {
          await expectProblems(lenient, body, ['digest']);
        } else {
          made.push((await generated(lenient, body)).public_key);
          expected.push(`${type} ${wanted}: ${algorithms[wanted]}`);
        }
      }
    }
    expect(signatures(made)).toEqual(expected.sort());
  });

  test('and of each key that is made here, signing itself', async () => {
    const keys = [{ rsa_number_of_bits: 512 }, { rsa_number_of_bits: 1024 }, { ecdsa_number_of_bits: 384 }];
    const refusals: string[] = [];
    for (const algorithm of keys) {
      for (const digest of DIGESTS) {
        const { status, details } = await refused(lenient, soundBody({ algorithm, digest }));
        refusals.push(...(status === 201 ? [] : [`${Object.values(algorithm)} ${digest} ${details}`]));
      }
    }
    expect(refusals).toEqual([
      "512 sha384 digest: is too big for the signer's RSA key",
      "512 sha512 digest: is too big for the signer's RSA key",
      "384 md5 digest: the signer's key makes no signature with it",
    ]);
  });
});

describe('what is no longer safe', () => {
  const WEAK: readonly [string, object][] = [
    ['digest', { digest: 'md5', algorithm: { rsa_number_of_bits: 2048 } }],
    ['digest', { digest: 'sha1' }],
    ['algorithm.rsa_number_of_bits', { algorithm: { rsa_number_of_bits: 512 } }],
    ['algorithm.rsa_number_of_bits', { algorithm: { rsa_number_of_bits: 1024 } }],
  ];
  test.each(WEAK)('%s of %j: refused with what would allow it, and made where that is set', async (field, changes) => {
    const [text] = await expectProblems(strict, soundBody(changes), [field]);
    expect(text).toContain('CERTKEEP_STRATA_ALLOW_WEAK');
    await generated(lenient, changes);
  });

  test('a stored signer of RSA-1024 signs only where that is allowed', async () => {
    const spec = { type: 'rsa', bits: 1024 } as const;
    const [text] = await expectProblems(strict, signedBy(await storedCa(strict, spec)), ['signed_by']);
    expect(text).toContain('CERTKEEP_STRATA_ALLOW_WEAK');
    await generated(lenient, signedBy(await storedCa(lenient, spec)));
  });
});

function rsa(...digests: string[]): Record<string, string> {
  return Object.fromEntries(digests.map((digest) => [digest, `${digest}WithRSAEncryption`]));
}

function ecdsa(): Record<string, string> {
  return Object.fromEntries(['sha1', 'sha256', 'sha384', 'sha512'].map((name) => [name, `ecdsa-with-${name}`]));
}

/** The common name and the signature's algorithm of each, as openssl prints them. */
function signatures(certificates: readonly string[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'certkeep-signatures-'));
  const file = join(directory, 'certificates.pem');
  writeFileSync(file, certificates.join(''));
  const text = openssl(['storeutl', '-noout', '-text', '-certs', file]);
  rmSync(directory, { recursive: true });
  const printed = text.matchAll(/Signature Algorithm: (\S+)\n\s+Issuer:[\s\S]*?Subject: CN ?= ?(.*)\n/g);
  return [...printed].map(([, algorithm = '', name]) => `${name}: ${algorithm.replace(/SHA/, 'sha')}`).sort();
}
