import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CannotIssue,
  generateKeyPair,
  issueCertificate,
  loadCertificate,
  openAuthority,
} from '../../../src/x509/index.ts';
import { opensslPair } from '../../support/openssl.ts';
import { certificate, commonName, hex, name, pem, sequence, text, tlv } from '../support/der.ts';
import { type Keys, leaf, newRoot, pkcs8 } from './support/wanted.ts';

let keys: Keys;
let rootKeys: Keys;
let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  [keys, rootKeys] = await Promise.all([generateKeyPair('ecdsa'), generateKeyPair('ed25519')]);
  root = await newRoot(rootKeys);
});

describe('a CA is opened only', () => {
  const open = (certificate: string, signer: Keys): string => {
    try {
      openAuthority(certificate, pkcs8(signer));
      return 'opened';
    } catch (error) {
      return (error as CannotIssue).code;
    }
  };

  test('with its own key', () => {
    expect(open(root.certificate, rootKeys)).toBe('opened');
    expect(open(root.certificate, keys)).toBe('SIGNER_KEY_MISMATCH');
  });

  test('where it is one', async () => {
    expect(open(await issueCertificate(leaf(), keys.publicKey, keys.privateKey), keys)).toBe('SIGNER_NOT_A_CA');
  });

  test.each([
    ['critical,CA:TRUE', 'cRLSign,digitalSignature', 'SIGNER_LACKS_CERT_SIGN'],
    ['critical,CA:TRUE', 'keyCertSign', 'opened'],
    ['critical,CA:TRUE', null, 'opened'],
    ['CA:FALSE', 'keyCertSign', 'SIGNER_NOT_A_CA'],
  ])('with basicConstraints %s and keyUsage %s: %s', (constraints, usage, expected) => {
    const extensions = [`basicConstraints=${constraints}`, ...(usage === null ? [] : [`keyUsage=${usage}`])];
    const { certificate, privateKey } = opensslPair('ca', [
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-config', '/dev/null'],
      ...extensions.flatMap((extension) => ['-addext', extension]),
    ]);
    let opened = 'opened';
    try {
      openAuthority(certificate, privateKey);
    } catch (error) {
      opened = (error as CannotIssue).code;
    }
    expect(opened).toBe(expected);
  });

  test('with a name (RFC 5280 §4.1.2.6)', () => {
    expect(open(bareCa(commonName('CA')), keys)).toBe('opened');
    expect(open(bareCa(name()), keys)).toBe('SIGNER_WITHOUT_SUBJECT');
  });

  /** basicConstraints is all that it has. */
  function bareCa(subject: Buffer): string {
    const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' });
    const isCa = sequence(hex('06 03 55 1d 13'), hex('01 01 ff'), tlv(0x04, sequence(hex('01 01 ff'))));
    const [notBefore, notAfter] = [text(0x17, '200101000000Z'), text(0x17, '491231235959Z')];
    const parts = { subject, publicKey, notBefore, notAfter, extensions: tlv(0xa3, sequence(isCa)) };
    return pem('CERTIFICATE', certificate(parts));
  }

  test('and is told apart by the key identifier it would have, where it has none (RFC 7093 §2, method 1)', async () => {
    const authority = openAuthority(bareCa(commonName('CA')), pkcs8(keys));
    // An uncompressed point ends a SubjectPublicKeyInfo on P-256 (RFC 5480 §2.2).
    const point = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
    const expected = createHash('sha256').update(point).digest('hex').slice(0, 40);
    const { facts } = loadCertificate(await issueCertificate(leaf(), rootKeys.publicKey, authority));
    expect(facts.authorityKeyId).toBe(expected);
  });
});
