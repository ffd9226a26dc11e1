import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** What authentik 2026 offers (contract §1.4). */
export type KeyAlgorithm = 'rsa' | 'ecdsa' | 'ed25519' | 'ed448';

export interface GeneratedKeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generateAsync = promisify(generate);

/**
 * Generates RSA of 4096 bits with exponent 65537, ECDSA on P-256, Ed25519 or Ed448 (contract §1.4) on libuv's pool. RSA holds one
 * thread of the pool for a second or more, so the caller bounds how many run at once.
 */
export async function generateKeyPair(algorithm: KeyAlgorithm): Promise<GeneratedKeyPair> {
  return { algorithm, ...(await start(algorithm)) };
}

function start(algorithm: KeyAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (algorithm) {
    case 'rsa':
      return generateAsync('rsa', { modulusLength: 4096, publicExponent: 0x10001 });
    case 'ecdsa':
      return generateAsync('ec', { namedCurve: 'prime256v1' });
    case 'ed25519':
      return generateAsync('ed25519');
    case 'ed448':
      return generateAsync('ed448');
  }
}

/**
 * The private key in the PEM that authentik writes for each algorithm (contract §1.4): PKCS#1, SEC 1 or PKCS#8, unencrypted.
 */
export function exportPrivateKey({ algorithm, privateKey }: GeneratedKeyPair): string {
  return privateKey.export({ format: 'pem', type: FORMATS[algorithm] }).toString();
}

const FORMATS = { rsa: 'pkcs1', ecdsa: 'sec1', ed25519: 'pkcs8', ed448: 'pkcs8' } as const;
