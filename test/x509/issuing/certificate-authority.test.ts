import { beforeAll, describe, expect, test } from 'vitest';
import { type CannotIssue, generateKeyPair, issueCertificate, openAuthority } from '../../../src/x509/index.ts';
import { opensslPair } from '../../support/openssl.ts';
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
});
