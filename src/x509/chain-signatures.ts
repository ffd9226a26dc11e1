import { X509Certificate } from 'node:crypto';
import type { CertificateStructure, SubjectPublicKeyInfo } from './certificate-structure.ts';
import { Oid } from './oids.ts';
import { loadPublicKey } from './public-key.ts';

/** Null where it can't be told. */
export type Verdict = boolean | null;

/**
 * The signature algorithms that every OpenSSL of a supported Node verifies (RFC 3279, RFC 4055, RFC 5758, RFC 8410). Of any other, a
 * signature that does not verify may be one that OpenSSL doesn't know how to: it says the same of both.
 */
const VERIFIABLE: ReadonlySet<string> = new Set([
  // RSA with MD5, SHA-1, SHA-256, SHA-384, SHA-512, SHA-224, and RSASSA-PSS.
  ...['4', '5', '11', '12', '13', '14'].map((type) => `1.2.840.113549.1.1.${type}`),
  Oid.rsassaPss,
  // DSA with SHA-1, SHA-224, SHA-256.
  '1.2.840.10040.4.3',
  '2.16.840.1.101.3.4.3.1',
  '2.16.840.1.101.3.4.3.2',
  // ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
  '1.2.840.10045.4.1',
  ...['1', '2', '3', '4'].map((type) => `1.2.840.10045.4.3.${type}`),
  Oid.ed25519,
  Oid.ed448,
]);

/**
 * Verifies certificates' signatures, only so many of them: each takes up to 50 ms with keys of attacker-chosen size.
 * @param signatures how many; after them every verdict is null.
 */
export function signatureVerifier(
  signatures: number,
): (certificate: CertificateStructure, signer: SubjectPublicKeyInfo) => Verdict {
  let left = signatures;
  return (certificate, signer) => {
    const key = left > 0 ? loadPublicKey(signer) : null;
    if (key === null) return null;
    left--;
    try {
      const verified = new X509Certificate(certificate.encoded).verify(key);
      return verified || VERIFIABLE.has(certificate.signatureAlgorithm.oid) ? verified : null;
    } catch {
      // OpenSSL refuses to hold some certificates that pyca takes. It is asked about whole certificates only, which keeps the comparison
      // of the two AlgorithmIdentifiers, and the parameters of RSASSA-PSS, its own.
      return null;
    }
  };
}
