import { describe, expect, test } from 'vitest';
import { hashByOid } from '../../../src/x509/pkcs12/hashes.ts';
import { derivePkcs12Key } from '../../../src/x509/pkcs12/pkcs12-kdf.ts';
import { openssl } from '../../support/openssl.ts';

const HASHES = {
  SHA1: '1.3.14.3.2.26',
  SHA224: '2.16.840.1.101.3.4.2.4',
  SHA256: '2.16.840.1.101.3.4.2.1',
  SHA384: '2.16.840.1.101.3.4.2.2',
  SHA512: '2.16.840.1.101.3.4.2.3',
  'SHA512-224': '2.16.840.1.101.3.4.2.5',
  'SHA512-256': '2.16.840.1.101.3.4.2.6',
};

describe('the key derivation of PKCS#12 gives what openssl derives', () => {
  test.each(Object.entries(HASHES))('with %s, for each purpose, over several blocks', (name, oid) => {
    const salt = Buffer.from('f0e1d2c3b4a5968778695a4b3c2d1e0fff', 'hex');
    for (const [passphrase, iterations, length] of [
      ['p', 1, 8],
      ['a longer passphrase than fits one block of sixty-four octets', 3, 200],
      ['', 2, 64],
    ] as const) {
      const bmp = Buffer.concat([Buffer.from(passphrase, 'utf16le').swap16(), Buffer.alloc(2)]);
      for (const purpose of [1, 2, 3] as const) {
        const printed = openssl([
          ...['kdf', '-keylen', `${length}`, '-kdfopt', `digest:${name}`, '-kdfopt', `hexpass:${bmp.toString('hex')}`],
          ...['-kdfopt', `hexsalt:${salt.toString('hex')}`, '-kdfopt', `iter:${iterations}`],
          ...['-kdfopt', `id:${purpose}`, 'PKCS12KDF'],
        ]);
        const derived = derivePkcs12Key({ hash: hashByOid(oid), salt, iterations }, bmp, purpose, length);
        expect(derived.toString('hex')).toBe(printed.trim().replaceAll(':', '').toLowerCase());
      }
    }
  });
});
