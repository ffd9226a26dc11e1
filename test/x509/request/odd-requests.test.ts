import { expect, test } from 'vitest';
import { BeyondLimits, NotACertificateRequest, readCertificateRequest } from '../../../src/x509/index.ts';
import { commonName, hex, OID, pem, sequence, text, tlv } from '../support/der.ts';

/** Requests built octet by octet: what openssl would not write. */

/** A request of one's own making, whose signature is nonsense. */
function unsigned({ version = hex('02 01 00'), subject = commonName('a'), attributes = hex('a0 00') }): Buffer {
  const key = sequence(sequence(OID.ed25519), tlv(0x03, Buffer.alloc(33)));
  return sequence(sequence(version, subject, key, attributes), sequence(OID.ed25519), tlv(0x03, Buffer.alloc(65)));
}
const extensionRequest = (...values: Buffer[]): Buffer =>
  sequence(hex('06 09 2a 86 48 86 f7 0d 01 09 0e'), tlv(0x31, ...values));
const dnsNames = (...names: string[]): Buffer =>
  sequence(sequence(hex('06 03 55 1d 11'), tlv(0x04, sequence(...names.map((dns) => text(0x82, dns))))));

test('attributes may be missing, and Microsoft may ask in its own way', () => {
  expect(readCertificateRequest(unsigned({ attributes: Buffer.alloc(0) })).facts.signatureValid).toBe(false);
  const microsoft = sequence(hex('06 0a 2b 06 01 04 01 82 37 02 01 0e'), tlv(0x31, dnsNames('a', 'b')));
  expect(readCertificateRequest(unsigned({ attributes: tlv(0xa0, microsoft) })).facts.subjectAltNames.dns).toEqual([
    'a',
    'b',
  ]);
});

test.each<[string, string | Buffer]>([
  ['no block', ''],
  ['a certificate', pem('CERTIFICATE', unsigned({}))],
  ['broken PEM', pem('CERTIFICATE REQUEST', unsigned({})).replace('END CERTIFICATE REQUEST', 'END CERTIFICATE')],
  ['version 2', unsigned({ version: hex('02 01 01') })],
  ['something left over', Buffer.concat([unsigned({}), hex('00')])],
  ['a signature that is not whole octets', Buffer.concat([unsigned({}).subarray(0, -65), hex('01'), Buffer.alloc(64)])],
  ['a subject that is cut off', unsigned({ subject: hex('30 01') })],
  ['a malformed extension request', unsigned({ attributes: tlv(0xa0, extensionRequest(sequence(hex('05 00')))) })],
  ['extensions asked for twice', unsigned({ attributes: tlv(0xa0, extensionRequest(dnsNames('a'), dnsNames('b'))) })],
  [
    'one extension asked for twice',
    unsigned({
      attributes: tlv(
        0xa0,
        extensionRequest(sequence(...[0, 1].map(() => sequence(hex('06 03 55 1d 11'), hex('04 02 30 00'))))),
      ),
    }),
  ],
  [
    'extensions asked for in two attributes',
    unsigned({ attributes: tlv(0xa0, extensionRequest(dnsNames('a')), extensionRequest(dnsNames('b'))) }),
  ],
])('%s is no request', (_, request) => {
  expect(() => readCertificateRequest(request)).toThrow(NotACertificateRequest);
});

test('more than is walked is refused', () => {
  expect(() => readCertificateRequest(unsigned({ attributes: tlv(0xa0, Buffer.alloc(1 << 20)) }))).toThrow(
    BeyondLimits,
  );
  const names = Array.from({ length: 20_000 }, (_, index) => `${index}`);
  const attributes = tlv(0xa0, extensionRequest(dnsNames(...names)));
  expect(() => readCertificateRequest(unsigned({ attributes }))).toThrow(BeyondLimits);
});

test('an RSA exponent of a megabit takes no time: node:crypto would write it as a number', () => {
  const key = sequence(tlv(0x02, Buffer.alloc(128, 0x7f)), tlv(0x02, Buffer.alloc(1 << 17, 0x7f)));
  const publicKey = sequence(sequence(OID.rsaEncryption, hex('05 00')), tlv(0x03, Buffer.alloc(1), key));
  const info = sequence(hex('02 01 00'), commonName('x'), publicKey, hex('a0 00'));
  // RSASSA-PSS with SHA-256 and a salt of 32 octets (RFC 4055 §3.1).
  const sha256 = hex('30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00');
  const mask = sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 08'), sha256);
  const parameters = sequence(tlv(0xa0, sha256), tlv(0xa1, mask), hex('a2 03 02 01 20'));
  const algorithm = sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0a'), parameters);
  const begin = process.cpuUsage();

  expect(readCertificateRequest(sequence(info, algorithm, tlv(0x03, Buffer.alloc(129)))).facts.signatureValid).toBe(
    false,
  );
  expect(process.cpuUsage(begin).user).toBeLessThan(500_000);
});
