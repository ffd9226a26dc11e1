import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { fromPem, hex, integer, OID, pem, sequence, tlv } from './support/der.ts';

const exported = (key: KeyObject): string => key.export({ format: 'pem', type: 'sec1' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const ecSec1 = exported(ec);

describe('an EC key that is not its own is refused', () => {
  const point = (key: KeyObject): Buffer => fromPem(exported(key)).subarray(-65);
  const scalar = fromPem(ecSec1).subarray(7, 39);
  const order = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const encode = (secret: Buffer, ...rest: Buffer[]): string =>
    pem('EC PRIVATE KEY', sequence(integer(1n), tlv(0x04, secret), tlv(0xa0, OID.prime256v1), ...rest));
  const beside = (octets: Buffer): Buffer => tlv(0xa1, tlv(0x03, Buffer.alloc(1), octets));

  test('the sound key is taken, with and without its point', () => {
    expect(loadPrivateKey(encode(scalar, beside(point(ec)))).keyType).toBe('ec');
    expect(loadPrivateKey(encode(scalar)).keyType).toBe('ec');
  });

  test.each<[string, string]>([
    [
      "another key's point",
      encode(scalar, beside(point(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey))),
    ],
    ['a point off the curve', encode(scalar, beside(Buffer.concat([hex('04'), Buffer.alloc(64, 1)])))],
    ['the point at infinity', encode(scalar, beside(hex('00')))],
    ['the scalar zero', encode(Buffer.alloc(32))],
    ['the order as the scalar', encode(order)],
    ['a scalar with a leading zero', encode(Buffer.concat([Buffer.alloc(1), scalar]))],
    ['a scalar cut short', encode(scalar.subarray(1))],
    ['no curve', pem('EC PRIVATE KEY', sequence(integer(1n), tlv(0x04, scalar)))],
    [
      'two curves',
      pem(
        'PRIVATE KEY',
        sequence(integer(0n), sequence(OID.ecPublicKey, hex('06 05 2b 81 04 00 0a')), tlv(0x04, fromPem(ecSec1))),
      ),
    ],
  ])('%s', (_, text) => expect(() => loadPrivateKey(text)).toThrow(NotAPrivateKey));
});
