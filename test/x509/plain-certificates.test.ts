import { describe, expect, test } from 'vitest';
import { holdsOnlyCertificates } from '../../src/x509/index.ts';
import { certificate, hex, integer, pem, sequence, tlv } from './support/der.ts';

const der = certificate();
const one = pem('CERTIFICATE', der);
const key = sequence(integer(0n), tlv(0x04, Buffer.alloc(8)));

describe('a text of certificates and blanks holds nothing else', () => {
  test.each<[string, string]>([
    ['one', one],
    ['two', one + one],
    ['the other label', pem('X509 CERTIFICATE', der)],
    ['both labels', one + pem('X509 CERTIFICATE', der)],
    ['blanks around and between', ` \n\t${one}\r\n\n${one} \n`],
    ['no last newline', one.trimEnd()],
    ['CRLF', one.replaceAll('\n', '\r\n')],
    ['one line', one.replaceAll('\n', '')],
  ])('%s', (_, text) => expect(holdsOnlyCertificates(text)).toBe(true));
});

describe('anything else could hide a key', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['words before', `x${one}`],
    ['words after', `${one}x`],
    ['words between', `${one}x${one}`],
    ['headers', one.replace('-----\n', '-----\nA: b\n\n')],
    ['another label', pem('TRUSTED CERTIFICATE', der)],
    ['another label beside', one + pem('X', der)],
    ['labels that differ', one.replace('END CERT', 'END X509 CERT')],
    ['a key under the label', one + pem('CERTIFICATE', key)],
    ['something after the DER', pem('CERTIFICATE', Buffer.concat([der, hex('00')]))],
    ['an empty block', pem('CERTIFICATE', Buffer.alloc(0))],
    ['base64 that is not canonical', one.replace('-----END', 'AA\n-----END')],
    ['a block that is not closed', `${one}-----BEGIN CERTIFICATE-----\nAAAA`],
    ['a blank line in the base64', one.replace(/[A-Za-z0-9+/]{64}\n/, '$&\n')],
  ])('%s', (_, text) => expect(holdsOnlyCertificates(text)).toBe(false));
});

test('what was read before need not be read again, and only that', () => {
  const opaque = Buffer.from('read elsewhere');
  const text = pem('CERTIFICATE', opaque);
  expect(holdsOnlyCertificates(text, opaque)).toBe(true);
  expect(holdsOnlyCertificates(one + text, opaque)).toBe(true);
  expect(holdsOnlyCertificates(text, der)).toBe(false);
  expect(holdsOnlyCertificates(text)).toBe(false);
});

test('certificates that are together more than is walked may hide a key', () => {
  // 200 blocks of some 400 elements each.
  const extensions = Array(100).fill(sequence(hex('06 01 2a'), tlv(0x04)));
  const large = certificate({ extensions: tlv(0xa3, sequence(...extensions)) });
  const text = pem('CERTIFICATE', large).repeat(200);
  expect(holdsOnlyCertificates(pem('CERTIFICATE', large))).toBe(true);
  expect(holdsOnlyCertificates(text)).toBe(false);
  expect(holdsOnlyCertificates(text, large)).toBe(true);
});
