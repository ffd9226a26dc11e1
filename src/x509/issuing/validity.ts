import { CannotIssue } from '../errors.ts';
import type { CertificateAuthority } from './certificate-authority.ts';

/** From when to when a certificate is valid, both included. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** RFC 5280 §4.1.2.5: UTCTime begins with it, and GeneralizedTime ends with the other. */
const FIRST_YEAR = 1950;
const LAST_YEAR = 9999;

/**
 * What keeps a validity from being written: VALIDITY_NOT_DATES, VALIDITY_REVERSED, VALIDITY_TOO_EARLY (before 1950), VALIDITY_TOO_LONG
 * (beyond 9999); and BEGINS_BEFORE_SIGNER and OUTLIVES_SIGNER, so that what is issued verifies for as long as it says.
 */
export function problemsOfValidity(validity: Validity, authority: CertificateAuthority | null): CannotIssue[] {
  const [notBefore, notAfter] = [seconds(validity.notBefore), seconds(validity.notAfter)];
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) {
    return [new CannotIssue('VALIDITY_NOT_DATES', 'the validity does not consist of dates')];
  }
  const refusals: readonly [isRefused: boolean, CannotIssue['code'], reason: string][] = [
    [notAfter < notBefore, 'VALIDITY_REVERSED', 'it would end before it begins'],
    [validity.notBefore.getUTCFullYear() < FIRST_YEAR, 'VALIDITY_TOO_EARLY', 'it would begin before 1950'],
    [validity.notAfter.getUTCFullYear() > LAST_YEAR, 'VALIDITY_TOO_LONG', 'it would end after the year 9999'],
    [
      authority !== null && notBefore < seconds(authority.notBefore),
      'BEGINS_BEFORE_SIGNER',
      'it would begin before its signer',
    ],
    [authority !== null && notAfter > seconds(authority.notAfter), 'OUTLIVES_SIGNER', 'it would outlive its signer'],
  ];
  return refusals.filter(([isRefused]) => isRefused).map(([, code, reason]) => new CannotIssue(code, reason));
}

/** Seconds are the finest a certificate can say. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
