import { randomUUID, X509Certificate } from 'node:crypto';
import { opensslPair, type PemPair } from '../../support/openssl.ts';
import type { Client } from './clients.ts';

/** A name that no other test uses. */
export function uniqueName(words: string): string {
  return `${words} ${randomUUID()}`;
}

/** The body of a create, with a fresh pair by openssl. */
export function freshPair(words: string, { certificate, privateKey }: PemPair = opensslPair()) {
  return { name: uniqueName(words), certificateData: certificate, keyData: privateKey };
}

/** Stores a fresh pair through the client and returns what was sent and its id. */
export async function stored({ crypto }: Client, words: string, pem?: PemPair) {
  const sent = freshPair(words, pem);
  const { pk: kpUuid } = await crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: sent });
  return { sent, kpUuid };
}

/** What the client must say of a certificate, as OpenSSL's library reads it. */
export function detailsOf(pem: string) {
  const certificate = new X509Certificate(pem);
  return {
    fingerprintSha256: certificate.fingerprint256.toLowerCase(),
    fingerprintSha1: certificate.fingerprint.toLowerCase(),
    certExpiry: new Date(certificate.validTo),
    certSubject: certificate.subject,
  };
}
