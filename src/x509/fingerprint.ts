import { createHash } from 'node:crypto';

/** The digest of a certificate's DER in lower-case hex, colon separated, as authentik and OpenSSL show it (contract §1.1). */
export function fingerprint(algorithm: 'sha256' | 'sha1', der: Buffer): string {
  const digest = createHash(algorithm).update(der).digest('hex');
  return digest.replace(/..(?!$)/g, '$&:');
}
