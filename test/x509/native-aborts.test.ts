import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hex, integer, sequence, tlv } from './support/der.ts';

const DSA = hex('06 07 2a 86 48 ce 38 04 01');
const P_1024 = integer((1n << 1023n) | 155n);
const Q_160 = integer((1n << 159n) | 7n);
const dsaKey = (value: Buffer): Buffer =>
  sequence(sequence(DSA, sequence(P_1024, Q_160, integer(5n))), tlv(0x03, Buffer.alloc(1), value));
const ecKey = (curve: string, point: Buffer): Buffer =>
  sequence(sequence(hex('06 07 2a 86 48 ce 3d 02 01'), hex(curve)), tlv(0x03, Buffer.alloc(1), point));

/** What each function that takes public keys from outside makes of the one it is given; an abort leaves no line. */
const program = (publicKey: Buffer): string => `
  import * as x509 from ${JSON.stringify(new URL('../../src/x509/index.ts', import.meta.url).href)};
  import { certificate, commonName, hex, pem, sequence, tlv } from ${JSON.stringify(new URL('support/der.ts', import.meta.url).href)};
  const publicKey = Buffer.from('${publicKey.toString('hex')}', 'hex');
  const names = { subject: commonName('x'), issuer: commonName('x') };
  const text = pem('CERTIFICATE', certificate({ ...names, publicKey }));
  const { facts } = x509.loadCertificate(text);
  x509.describeChain(text + text);
  const info = sequence(hex('02 01 00'), names.subject, publicKey, hex('a0 00'));
  const request = sequence(info, sequence(hex('06 08 2a 86 48 ce 3d 04 03 02')), tlv(0x03, Buffer.alloc(9)));
  const { facts: { signatureValid } } = x509.readCertificateRequest(request);
  const { privateKey } = await x509.generateKeyPair('ed25519');
  const dates = { notBefore: new Date(0), notAfter: new Date(1e12) };
  const wanted = { subject: [{ type: 'CN', value: 'x' }], ...dates };
  const issuing = await x509.issueCertificate(wanted, publicKey, privateKey).catch(({ code }) => code);
  process.stdout.write(JSON.stringify({ keyType: facts.keyType, selfSigned: facts.selfSigned, signatureValid, issuing }));
`;

// OpenSSL loads them, and an assertion in node:crypto ends the process that asks for their asymmetricKeyDetails.
test.each<[string, Buffer]>([
  ['a DSA value below zero', dsaKey(hex('02 01 ff'))],
  ['a DSA value below zero whose length is not DER', dsaKey(hex('02 81 01 ff'))],
  ['the point at infinity of secp112r1', ecKey('06 05 2b 81 04 00 06', hex('00'))],
  ['the point at infinity of sect163k1', ecKey('06 05 2b 81 04 00 01', hex('00'))],
])('a certificate and a request with %s end no process', (_, publicKey) => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program(publicKey)],
    { encoding: 'utf8' },
  );

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    keyType: null,
    selfSigned: false,
    signatureValid: false,
    issuing: 'PUBLIC_KEY_UNFIT',
  });
});
