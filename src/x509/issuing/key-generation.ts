import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type KeySpec, problemOfKeySpec } from './key-spec.ts';

/** What authentik 2026 offers (contract §1.4). */
export type KeyAlgorithm = 'rsa' | 'ecdsa' | 'ed25519' | 'ed448';

export interface GeneratedKeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generateAsync = promisify(generate);

/**
 * Generates a key pair on libuv's pool. RSA holds one thread of it for a second or more, and for minutes beyond 8192 bits, so the
 * caller bounds how many run at once.
 *
 * @param wanted an algorithm as authentik names it (RSA of 4096 bits, ECDSA on P-256, Ed25519, Ed448; contract §1.4), or a type with its
 * bits (RSA from 512 to 16,384, the exponent is 65537) or its curve (OpenSSL's short name, one of those that keys are read on)
 * @throws CannotIssue RSA_BITS_UNFIT, CURVE_UNKNOWN
 * @example
 * const { privateKey } = await generateKeyPair({ type: 'ec', curve: 'secp384r1' });
 * privateKey.asymmetricKeyDetails.namedCurve; // → 'secp384r1'
 * (await generateKeyPair('ed25519')).publicKey.asymmetricKeyType; // → 'ed25519'
 */
export async function generateKeyPair(wanted: KeyAlgorithm | KeySpec): Promise<GeneratedKeyPair> {
  const spec = typeof wanted === 'string' ? AUTHENTIK_KEYS[wanted] : wanted;
  const problem = problemOfKeySpec(spec);
  if (problem !== null) throw problem;
  return { algorithm: spec.type === 'ec' ? 'ecdsa' : spec.type, ...(await start(spec)) };
}

const AUTHENTIK_KEYS: Readonly<Record<KeyAlgorithm, KeySpec>> = {
  rsa: { type: 'rsa', bits: 4096 },
  ecdsa: { type: 'ec', curve: 'prime256v1' },
  ed25519: { type: 'ed25519' },
  ed448: { type: 'ed448' },
};

function start(spec: KeySpec): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (spec.type) {
    case 'rsa':
      return generateAsync('rsa', { modulusLength: spec.bits, publicExponent: 0x10001 });
    case 'ec':
      return generateAsync('ec', { namedCurve: spec.curve });
    case 'ed25519':
      return generateAsync('ed25519');
    case 'ed448':
      return generateAsync('ed448');
  }
}

/**
 * The private key in the PEM that authentik writes for each algorithm (contract §1.4): PKCS#1, SEC 1 or PKCS#8, unencrypted.
 */
export function exportGeneratedKey({ algorithm, privateKey }: GeneratedKeyPair): string {
  return privateKey.export({ format: 'pem', type: FORMATS[algorithm] }).toString();
}

const FORMATS = { rsa: 'pkcs1', ecdsa: 'sec1', ed25519: 'pkcs8', ed448: 'pkcs8' } as const;
