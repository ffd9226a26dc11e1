import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../../src/x509/certificate-structure.ts';
import { generateKeyPair, issueCertificate } from '../../../src/x509/index.ts';
import { randomSerialNumber } from '../../../src/x509/issuing/serial-number.ts';
import { fromPem } from '../support/der.ts';
import { leaf } from './support/wanted.ts';

describe('serial numbers', () => {
  test('have 128 random bits: 2,000 of them are positive, distinct, and use every bit half of the time', () => {
    const serials = Array.from({ length: 2000 }, () => randomSerialNumber());
    expect(new Set(serials.map((serial) => serial.toString('hex'))).size).toBe(2000);
    for (let bit = 0; bit < 128; bit++) {
      const count = serials.filter((serial) => ((serial[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      // Six standard deviations: one run in a million fails by chance.
      expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(500));
    }
  });

  test('are positive as openssl reads them, and at most 20 octets long (RFC 5280 §4.1.2.2)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ed25519');
    for (let count = 0; count < 40; count++) {
      const own = await issueCertificate(leaf(), publicKey, privateKey);
      const { serialNumber } = readCertificate(fromPem(own));
      expect(serialNumber.length).toBeLessThanOrEqual(17);
      expect(new X509Certificate(own).serialNumber).toMatch(/^[0-9A-F]{1,32}$/);
      expect(BigInt(`0x${new X509Certificate(own).serialNumber}`)).toBe(BigInt(`0x${serialNumber.toString('hex')}`));
    }
  });
});
