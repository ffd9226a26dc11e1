import { type KeyObject, sign } from 'node:crypto';
import { type DerValue, nullValue, objectIdentifier, sequence } from './der/writer.ts';
import type { KeyAlgorithm } from './key-generation.ts';
import { Oid } from './oids.ts';

/** How keys of each algorithm sign (contract §1.4). RFC 4055 §5 wants NULL with RSA; RFC 5758 §3.2 and RFC 8410 §3 want nothing. */
const SIGNATURES: Readonly<Record<KeyAlgorithm, { digest: string | null; oid: string; hasNull: boolean }>> = {
  rsa: { digest: 'sha256', oid: Oid.sha256WithRsa, hasNull: true },
  ecdsa: { digest: 'sha256', oid: Oid.ecdsaWithSha256, hasNull: false },
  ed25519: { digest: null, oid: Oid.ed25519, hasNull: false },
  ed448: { digest: null, oid: Oid.ed448, hasNull: false },
};

/** The AlgorithmIdentifier of the signatures that keys of this algorithm make. */
export function signatureAlgorithmOf(algorithm: KeyAlgorithm): DerValue {
  const { oid, hasNull } = SIGNATURES[algorithm];
  return sequence(objectIdentifier(oid), ...(hasNull ? [nullValue()] : []));
}

/** Signs on libuv's pool: RSA-4096 takes milliseconds. ECDSA gives DER, as X.509 wants it. */
export function signBytes(algorithm: KeyAlgorithm, key: KeyObject, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(SIGNATURES[algorithm].digest, bytes, key, (error, signature) =>
      error === null ? resolve(signature) : reject(error),
    );
  });
}
