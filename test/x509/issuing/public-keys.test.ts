import { beforeAll, expect, test } from 'vitest';
import { generateKeyPair, issueCertificate } from '../../../src/x509/index.ts';
import { openssl } from '../../support/openssl.ts';
import { fromPem, hex, sequence, tlv } from '../support/der.ts';
import { leaf, newRoot } from './support/wanted.ts';

let root: Awaited<ReturnType<typeof newRoot>>;
beforeAll(async () => {
  root = await newRoot(await generateKeyPair('ed25519'));
});

const info = (algorithm: string, ...key: Buffer[]): Buffer =>
  sequence(sequence(hex(algorithm)), tlv(0x03, Buffer.alloc(1), ...key));
const RSA = '06 09 2a 86 48 86 f7 0d 01 01 01 05 00';
const P256 = '06 07 2a 86 48 ce 3d 02 01 06 08 2a 86 48 ce 3d 03 01 07';
const SECP112R1 = '06 07 2a 86 48 ce 3d 02 01 06 05 2b 81 04 00 06';
const EXPONENT = hex('02 01 03');
const NULL = hex('05 00');

test.each<[string, () => Buffer]>([
  ['an RSA key with a negative modulus', () => info(RSA, sequence(tlv(0x02, Buffer.alloc(128, 0xff)), EXPONENT))],
  [
    'an RSA key with something behind it',
    () => info(RSA, sequence(tlv(0x02, Buffer.alloc(128, 0x7f)), EXPONENT), NULL),
  ],
  [
    'an RSASSA-PSS key for a digest that nobody knows',
    () =>
      info(
        '06 09 2a 86 48 86 f7 0d 01 01 0a 30 09 a0 07 30 05 06 03 2a 03 04',
        sequence(tlv(0x02, Buffer.alloc(128, 0x7f)), EXPONENT),
      ),
  ],
  [
    'an RSA key with an exponent of half a megabit',
    () => info(RSA, sequence(tlv(0x02, Buffer.alloc(128, 0x7f)), tlv(0x02, Buffer.alloc(1 << 16, 0x7f)))),
  ],
  ['the point at infinity', () => info(P256, Buffer.alloc(1))],
  ['the point at infinity of a curve that is not known', () => info(SECP112R1, Buffer.alloc(1))],
  // RFC 5480 §2.1.1: a curve is named.
  [
    'a curve that is spelled out',
    () => {
      const options = ['-name', 'prime256v1', '-genkey', '-noout', '-param_enc', 'explicit'];
      return fromPem(openssl(['pkey', '-pubout'], openssl(['ecparam', ...options])));
    },
  ],
])('no certificate is issued for %s', async (_what, publicKeyInfo) => {
  await expect(issueCertificate(leaf(), publicKeyInfo(), root.authority)).rejects.toMatchObject({
    code: 'PUBLIC_KEY_UNFIT',
  });
});
