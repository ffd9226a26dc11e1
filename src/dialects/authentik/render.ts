import type { Keypair } from '../../keypairs/index.ts';
import { PAIRS } from './route.ts';

/** A keypair as this API shows it; key order as in contract §1.1. */
export interface CertificateKeyPair {
  readonly pk: string;
  readonly name: string;
  readonly fingerprint_sha256: string | null;
  readonly fingerprint_sha1: string | null;
  readonly cert_expiry: string | null;
  readonly cert_subject: string | null;
  readonly private_key_available: boolean;
  readonly key_type: string | null;
  readonly private_key_type: string | null;
  readonly certificate_download_url: string;
  readonly private_key_download_url: string;
  readonly managed: string | null;
}

/**
 * Carries the keys of both generations: `key_type` of 2026 is the certificate's, `private_key_type` of 2024 the private key's.
 *
 * @param withDetails false leaves out what 2024 calls details (`include_details`)
 */
export function renderKeypair(keypair: Keypair, withDetails: boolean): CertificateKeyPair {
  return {
    pk: keypair.id,
    name: keypair.name,
    fingerprint_sha256: withDetails ? keypair.fingerprintSha256 : null,
    fingerprint_sha1: withDetails ? keypair.fingerprintSha1 : null,
    cert_expiry: withDetails ? wholeSeconds(keypair.notAfter) : null,
    cert_subject: withDetails ? keypair.subject : null,
    private_key_available: keypair.hasPrivateKey,
    key_type: keypair.keyType,
    private_key_type: withDetails ? keypair.privateKeyType : null,
    certificate_download_url: `${PAIRS}${keypair.id}/view_certificate/?download`,
    private_key_download_url: `${PAIRS}${keypair.id}/view_private_key/?download`,
    managed: keypair.managed,
  };
}

function wholeSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
