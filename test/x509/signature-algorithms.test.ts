import { expect, test } from 'vitest';
import { nameSignatureAlgorithm } from '../../src/x509/signature-algorithms.ts';
import { openssl } from '../support/openssl.ts';
import { oid } from './support/algorithm-cases.ts';
import { sequence } from './support/der.ts';

const RSA = '1.2.840.113549.1.1';
const OIW = '1.3.14.3.2';
const NIST = '2.16.840.1.101.3.4.3';
const ANSI_ECDSA = '1.2.840.10045.4';

test("an algorithm has OpenSSL's long name", () => {
  const oids = [
    ...[2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16].map((arc) => `${RSA}.${arc}`),
    ...[3, 15, 27, 29].map((arc) => `${OIW}.${arc}`),
    ...[1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 15, 16].map((arc) => `${NIST}.${arc}`),
    ...['1', '2', '3.1', '3.2', '3.3', '3.4'].map((arcs) => `${ANSI_ECDSA}.${arcs}`),
    ...['1.2.840.10040.4.3', '1.3.101.112', '1.3.101.113', '1.2.156.10197.1.501'],
  ];
  const input = sequence(...oids.map(oid)).toString('base64');
  const base64Lines = input.replace(/.{64}/g, '$&\n');
  const printed = openssl(['asn1parse', '-inform', 'PEM'], `-----BEGIN X-----\n${base64Lines}\n-----END X-----\n`);
  const names = Array.from(printed.matchAll(/OBJECT +:(.*)/g), ([, name]) => name);
  expect(oids.map(nameSignatureAlgorithm)).toEqual(names);
});

// RFC 9881 §2; OpenSSL knows them since 3.5.
test.each([
  [17, 'ML-DSA-44'],
  [18, 'ML-DSA-65'],
  [19, 'ML-DSA-87'],
])(`${NIST}.%i is %s`, (arc, name) => expect(nameSignatureAlgorithm(`${NIST}.${arc}`)).toBe(name));

test('an algorithm without a name is its dotted number', () =>
  expect(nameSignatureAlgorithm('1.2.3.4')).toBe('1.2.3.4'));
