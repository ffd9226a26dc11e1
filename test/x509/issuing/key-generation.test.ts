import { describe, expect, test } from 'vitest';
import { CannotIssue, describeKey, generateKeyPair, type KeySpec } from '../../../src/x509/index.ts';
import { exportGeneratedKey } from '../../../src/x509/issuing/key-generation.ts';
import { openssl } from '../../support/openssl.ts';

describe('openssl finds a generated key sound', () => {
  test.each<[KeySpec, string]>([
    [{ type: 'rsa', bits: 512 }, '512 bit'],
    [{ type: 'rsa', bits: 1536 }, '1536 bit'],
    [{ type: 'ec', curve: 'prime192v1' }, 'ASN1 OID: prime192v1'],
    [{ type: 'ec', curve: 'secp224r1' }, 'ASN1 OID: secp224r1'],
    [{ type: 'ec', curve: 'prime256v1' }, 'ASN1 OID: prime256v1'],
    [{ type: 'ec', curve: 'secp384r1' }, 'ASN1 OID: secp384r1'],
    [{ type: 'ec', curve: 'secp521r1' }, 'ASN1 OID: secp521r1'],
    [{ type: 'ec', curve: 'secp256k1' }, 'ASN1 OID: secp256k1'],
    [{ type: 'ec', curve: 'brainpoolP256r1' }, 'ASN1 OID: brainpoolP256r1'],
    [{ type: 'ec', curve: 'brainpoolP384r1' }, 'ASN1 OID: brainpoolP384r1'],
    [{ type: 'ec', curve: 'brainpoolP512r1' }, 'ASN1 OID: brainpoolP512r1'],
    [{ type: 'ed25519' }, 'ED25519 Private-Key'],
    [{ type: 'ed448' }, 'ED448 Private-Key'],
  ])('%j', async (spec, expected) => {
    const keys = await generateKeyPair(spec);
    const printed = openssl(['pkey', '-check', '-noout', '-text'], exportGeneratedKey(keys));
    expect(printed).toContain('Key is valid');
    expect(printed).toContain(expected);
    expect(describeKey(keys.privateKey)).toEqual(spec);
    expect(describeKey(keys.publicKey)).toEqual(spec);
  });
});

test.each<[string, KeySpec]>([
  ['RSA_BITS_UNFIT', { type: 'rsa', bits: 511 }],
  ['RSA_BITS_UNFIT', { type: 'rsa', bits: 16_385 }],
  ['RSA_BITS_UNFIT', { type: 'rsa', bits: 2048.5 }],
  ['RSA_BITS_UNFIT', { type: 'rsa', bits: Number.NaN }],
  ['CURVE_UNKNOWN', { type: 'ec', curve: 'secp112r1' }],
  ['CURVE_UNKNOWN', { type: 'ec', curve: 'P-256' }],
  ['CURVE_UNKNOWN', { type: 'ec', curve: '' }],
])('%s: %j is not generated', async (code, spec) => {
  await expect(generateKeyPair(spec)).rejects.toMatchObject({ code });
  await expect(generateKeyPair(spec)).rejects.toBeInstanceOf(CannotIssue);
});
