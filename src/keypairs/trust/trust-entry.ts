import type { LoadedCertificate } from '../../x509/index.ts';
import type { KeypairId } from '../keypair.ts';

/** What a certificate is for: the names are Astra Control's (contract §2). */
export const CERTIFICATE_USES = ['rootCA', 'intermediateCA'] as const;
export type CertificateUse = (typeof CERTIFICATE_USES)[number];

/**
 * Whether a certificate is in its account's trust store (contract §4): `trusted` is, `untrusted` is not, `expired` can't be. The last one is
 * no act of anybody's: it is found whenever somebody looks.
 */
export const TRUST_STATES = ['untrusted', 'trusted', 'expired'] as const;
export type TrustState = (typeof TRUST_STATES)[number];

/** What somebody can want. */
export const DESIRED_STATES = ['untrusted', 'trusted'] as const satisfies readonly TrustState[];
export type DesiredState = (typeof DESIRED_STATES)[number];

export interface Label {
  readonly name: string;
  readonly value: string;
}

/** One CA certificate, as it is to be stored: whatever it came in, this holds it and nothing else. */
export interface CaCertificate extends LoadedCertificate {
  /** PEM of this one certificate. */
  readonly text: string;
  /** 1 to {@link MAX_COMMON_NAME} characters. */
  readonly commonName: string;
}

/** Contract §2. */
export const MAX_COMMON_NAME = 511;

/**
 * Of the PEM of all certificates of an account together, in octets: a bundle is read and sent whole. Certificates that come at the same
 * time may exceed it by themselves.
 */
export const MAX_ACCOUNT_OCTETS = 32 * 1024 * 1024;

/** What a new entry of a trust store is made of. */
export interface NewTrustEntry {
  readonly certificate: CaCertificate;
  readonly use: CertificateUse;
  readonly statedSelfSigned: boolean;
  readonly desired: DesiredState;
  readonly labels: readonly Label[];
  readonly resourceVersion: string;
}

/** What changes of an entry; what is absent stays. */
export type TrustEntryChange = Partial<NewTrustEntry>;

/** A CA certificate of an account, and the trust that is put into it. */
export interface TrustEntry {
  readonly id: KeypairId;
  readonly use: CertificateUse;
  /** PEM, as it was stored. */
  readonly certificate: string;
  /** Whether that text is the one that was stored; where it is not, the certificate is not trusted, whatever is desired. */
  readonly isIntact: boolean;
  readonly commonName: string;
  readonly notAfter: Date;
  /** What the client says, which need not be so. */
  readonly statedSelfSigned: boolean;
  /** At the instant that was asked about. */
  readonly state: TrustState;
  readonly desired: DesiredState;
  /** As the client wrote it last. */
  readonly resourceVersion: string;
  readonly labels: readonly Label[];
  readonly createdAt: Date;
  /** Each change moves it by a second at least: two states of an entry never have the same, even where only whole seconds are shown. */
  readonly updatedAt: Date;
  /** UUIDs of principals. */
  readonly createdBy: string;
  readonly updatedBy: string;
}
