import type { KeypairId, Placement } from '../../keypairs/index.ts';
import type { Threshold, Validity } from './threshold.ts';

/** A stored certificate whose expiry is watched. */
export interface WatchedCertificate {
  readonly keypair: { readonly id: KeypairId; readonly name: string; readonly placement: Placement };
  /** Hexadecimal, as reads show it. */
  readonly fingerprintSha256: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly validity: Validity;
  /** When it was stored there, in milliseconds since 1970. */
  readonly since: number;
}

/** That a certificate crossed a threshold. */
export interface Notice {
  readonly certificate: WatchedCertificate;
  readonly threshold: Threshold;
  /** When it is told, in milliseconds since 1970. */
  readonly at: number;
}

/** What is left of the certificate's lifetime, in milliseconds; negative where it has expired. */
export function remainingMs({ certificate, at }: Notice): number {
  return certificate.validity.notAfter - at;
}

/** Whether it has expired when it is told of, whatever the threshold. */
export function hasExpired(notice: Notice): boolean {
  return remainingMs(notice) <= 0;
}

/** A time as JSON tells it: ISO 8601, UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
