import { CannotIssue } from '../errors.ts';

/** What authentik's `generate` lets a caller choose (contract §1.4). */
export interface AuthentikRequest {
  /** Of any length; the certificate takes its first 64 characters. */
  readonly commonName: string;
  /** Each becomes a dNSName as it stands, whatever it looks like. */
  readonly subjectAltNames: readonly string[];
  /** Whole days from `now`; −1 gives a certificate that is over as it begins. */
  readonly validityDays: number;
  readonly issuerCommonName: string;
  readonly now: Date;
}

const DAY_MS = 86_400_000;
const MAX_COMMON_NAME_CHARACTERS = 64;
/** RFC 5280 §A.1, ub-common-name; pyca counts octets of UTF-8. */
const MAX_NAME_OCTETS = 64;
const FIRST_YEAR = 1950;
const LAST_YEAR = 9999;

/**
 * Refuses what authentik answers 500 to (contract §1.4, §7), so that a caller can before a key is generated.
 *
 * @param request texts as they are to read; the validity in whole days from `now`
 * @throws CannotIssue with the code of the first part at fault: common name, alternative names, issuer, validity.
 * @example
 * const request = { commonName: 'a', subjectAltNames: [], validityDays: -2, issuerCommonName: 'CA', now: new Date() };
 * checkAuthentikRequest(request); // throws VALIDITY_TOO_SHORT
 */
export function checkAuthentikRequest(request: AuthentikRequest): void {
  checkName(cutCommonName(request.commonName), 'COMMON_NAME_EMPTY', 'COMMON_NAME_TOO_LONG');
  request.subjectAltNames.forEach(checkSubjectAltName);
  checkName(request.issuerCommonName, 'ISSUER_NAME_EMPTY', 'ISSUER_NAME_TOO_LONG');
  checkValidity(request);
}

/** The common name as the certificate will have it: the first 64 characters, counted as Python does, by code points. */
export function cutCommonName(commonName: string): string {
  return Array.from(commonName.slice(0, 2 * MAX_COMMON_NAME_CHARACTERS))
    .slice(0, MAX_COMMON_NAME_CHARACTERS)
    .join('');
}

/** Seconds are the finest a certificate can say. */
export function validityOf({ now, validityDays }: Pick<AuthentikRequest, 'now' | 'validityDays'>): {
  notBefore: Date;
  notAfter: Date;
} {
  const start = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(start - DAY_MS), notAfter: new Date(start + validityDays * DAY_MS) };
}

function checkName(name: string, empty: CannotIssue['code'], tooLong: CannotIssue['code']): void {
  if (name === '') throw new CannotIssue(empty, 'a name is empty');
  if (/\p{Surrogate}/u.test(name)) throw new CannotIssue('TEXT_NOT_UNICODE', 'a name holds half a surrogate pair');
  if (Buffer.byteLength(name, 'utf8') > MAX_NAME_OCTETS)
    throw new CannotIssue(tooLong, 'a name has more than 64 octets');
}

function checkSubjectAltName(name: string): void {
  if (name === '') throw new CannotIssue('SUBJECT_ALT_NAME_EMPTY', 'an alternative name is empty');
  if (!/^[\x00-\x7f]*$/.test(name))
    throw new CannotIssue('SUBJECT_ALT_NAME_NOT_ASCII', 'an alternative name is not ASCII');
}

function checkValidity(request: AuthentikRequest): void {
  if (!(request.validityDays >= -1)) throw new CannotIssue('VALIDITY_TOO_SHORT', 'it would end before it begins');
  const { notBefore, notAfter } = validityOf(request);
  // An invalid date has no year; neither comparison holds then.
  if (!(notAfter.getUTCFullYear() <= LAST_YEAR))
    throw new CannotIssue('VALIDITY_TOO_LONG', 'it would end after the year 9999');
  if (!(notBefore.getUTCFullYear() >= FIRST_YEAR))
    throw new CannotIssue('VALIDITY_TOO_SHORT', 'it would begin before 1950');
}
