import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { NotAPkcs12, readPkcs12, WrongPassphrase } from '../../../src/x509/index.ts';
import { certificate, commonName, hex, sequence } from '../support/der.ts';
import { certBag, macData, OID, type Pbmac1, pbmac1Data, pfx, safe } from './support/build.ts';
import { exportByOpenssl, makePair } from './support/openssl-files.ts';

const own = certificate();
const safes = [safe(certBag(own))];
const usual: Pbmac1 = { passphrase: '1234', mac: 'sha256', prf: 'sha256', iterations: 2048, keyLength: 32 };
const read = (change: Partial<Pbmac1>, passphrase = '1234') =>
  readPkcs12(pfx(safes, pbmac1Data(safes, { ...usual, ...change })), passphrase).certificates;

describe('PBMAC1, as the test vectors of RFC 9579 vary it', () => {
  test('with HMAC-SHA-256 and HMAC-SHA-512 as the MAC and in PBKDF2 is taken', () => {
    expect(read({})).toEqual([own]);
    expect(read({ prf: 'sha512' })).toEqual([own]);
    expect(read({ mac: 'sha512', prf: 'sha512', keyLength: 64 })).toEqual([own]);
  });

  test('with the wrong count of iterations or the wrong salt is refused as a wrong passphrase', () => {
    expect(() => read({ stated: { iterations: 2047n } })).toThrow(WrongPassphrase);
    expect(() => read({ stated: { salt: 'saltSalt' } })).toThrow(WrongPassphrase);
  });

  test('with another key derivation than PBKDF2 is refused as unsupported', () => {
    const mac = pbmac1Data(safes, usual);
    const another = Buffer.from(mac);
    another.writeUInt8(0x0b, mac.indexOf(hex('06 09 2a 86 48 86 f7 0d 01 05 0c')) + 10);
    expect(readPkcs12(pfx(safes, mac), '1234').certificates).toEqual([own]);
    expect(() => readPkcs12(pfx(safes, another), '1234')).toThrow(NotAPkcs12);
  });

  test('without a key length is refused as malformed', () => {
    expect(() => read({ stated: { keyLength: Buffer.alloc(0) } })).toThrow(NotAPkcs12);
  });

  test('with a key that is short enough to be guessed is refused', () => {
    expect(read({ keyLength: 20 })).toEqual([own]);
    expect(() => read({ keyLength: 19 })).toThrow(NotAPkcs12);
  });

  test.each(Object.keys(OID.hmac) as (keyof typeof OID.hmac)[])('takes HMAC with %s', (hash) => {
    expect(read({ mac: hash, prf: hash })).toEqual([own]);
  });

  test('takes the passphrase as UTF-8', () => {
    expect(read({ passphrase: 'pässwörd 🔑' }, 'pässwörd 🔑')).toEqual([own]);
    expect(() => read({}, '12345')).toThrow(WrongPassphrase);
  });
});

test('a changed octet of what the MAC covers is found, also where nothing is encrypted', () => {
  const other = certificate({ subject: commonName('SUBJECT') });
  const mac = pbmac1Data(safes, usual);
  expect(() => readPkcs12(pfx([safe(certBag(other))], mac), '1234')).toThrow(WrongPassphrase);
  const pair = makePair('subject.example');
  const plain = exportByOpenssl(pair, 'secret', ['-keypbe', 'NONE', '-certpbe', 'NONE']);
  const at = plain.indexOf('subject.example');
  plain.write('S', at);
  expect(() => readPkcs12(plain, 'secret')).toThrow(WrongPassphrase);
});

test('the empty passphrase opens files that take it for no octets, and files that take it for two zero octets', () => {
  const salt = Buffer.alloc(8, 0x5a);
  for (const bmp of [Buffer.alloc(0), Buffer.alloc(2)]) {
    // RFC 7292 §B.2, one round with SHA-1: the diversifier, the salt and the passphrase, each filling 64 octets, if it has any.
    const input = [Buffer.alloc(64, 3), Buffer.alloc(64, salt), bmp.length === 0 ? bmp : Buffer.alloc(64, bmp)];
    const key = createHash('sha1').update(Buffer.concat(input)).digest();
    const digest = createHmac('sha1', key)
      .update(sequence(...safes))
      .digest();
    const file = pfx(safes, macData(1n, digest, salt));
    expect(readPkcs12(file, '').certificates).toEqual([own]);
    expect(() => readPkcs12(file, 'x')).toThrow(WrongPassphrase);
  }
});
