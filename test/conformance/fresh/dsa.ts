import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { content, readDer } from './der.ts';

/**
 * Makes a private key on the domain parameters of a DSA public key: parameters are shared by many keys and slow to make.
 * The new public value is as long as the old one.
 *
 * @throws Error when the key isn't DSA's
 */
export function freshDsaSecret(publicKey: KeyObject): KeyObject {
  const info = publicKey.export({ type: 'spki', format: 'der' });
  const [algorithm, bits] = readDer(info).children;
  const parameters = algorithm?.children[1];
  if (algorithm === undefined || bits === undefined || parameters === undefined) {
    throw new Error('no DSA parameters');
  }
  const [p, q, g] = parameters.children.map((node) => BigInt(`0x${content(info, node).toString('hex')}`));
  if (p === undefined || q === undefined || g === undefined) {
    throw new Error('no DSA parameters');
  }
  const recordedLength = bits.end - bits.body - 1;
  for (;;) {
    const x = (BigInt(`0x${randomBytes(64).toString('hex')}`) % (q - 1n)) + 1n;
    if (integer(power(g, x, p)).length === recordedLength) {
      const secret = integer(x);
      const body = Buffer.concat([
        Buffer.from([0x02, 0x01, 0x00]),
        info.subarray(algorithm.start, algorithm.end),
        element(0x04, secret),
      ]);
      return createPrivateKey({ key: element(0x30, body), format: 'der', type: 'pkcs8' });
    }
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) {
      result = (result * square) % modulus;
    }
    square = (square * square) % modulus;
  }
  return result;
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return element(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]));
}

function element(tag: number, body: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  const header = body.length < 0x80 ? [tag, body.length] : [tag, 0x82, ...length];
  if (body.length >= 0x80 && body.length < 0x100) {
    return Buffer.concat([Buffer.from([tag, 0x81, body.length]), body]);
  }
  return Buffer.concat([Buffer.from(header), body]);
}
