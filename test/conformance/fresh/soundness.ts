import { createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';

/** Whether the parts of a private key belong together: it isn't one that was tampered with, which OpenSSL reads all the same. */
export function isSound(key: KeyObject): boolean {
  const type = key.asymmetricKeyType ?? '';
  if (type === 'rsa') {
    return isRsaSound(key);
  }
  return type.startsWith('x') || signsVerifiably(key, type.startsWith('ed') ? null : 'sha1');
}

function signsVerifiably(key: KeyObject, digest: string | null): boolean {
  const message = randomBytes(32);
  try {
    return verify(digest, message, createPublicKey(key), sign(digest, message, key));
  } catch {
    return false;
  }
}

/** The relations of RFC 8017, section 3.2. A signature would use only some of the numbers. */
function isRsaSound(key: KeyObject): boolean {
  const jwk = key.export({ format: 'jwk' });
  const number = (text: string | undefined) =>
    BigInt(`0x${Buffer.from(text ?? '', 'base64url').toString('hex') || '0'}`);
  const [n, e, d, p, q, dp, dq, qi] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map(number);
  if (!n || !e || !d || !p || !q || !dp || !dq || !qi || p === 1n || q === 1n) {
    return false;
  }
  const isInverse = (exponent: bigint, prime: bigint) => (e * exponent) % (prime - 1n) === 1n;
  return (
    n === p * q && isInverse(d, p) && isInverse(d, q) && isInverse(dp, p) && isInverse(dq, q) && (qi * q) % p === 1n
  );
}
