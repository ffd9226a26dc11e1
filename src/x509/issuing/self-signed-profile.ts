import { stripAsPython } from '../white-space.ts';
import { sortSubjectAltNames } from './alternative-names.ts';
import { authentikSubject, type IssuedKeypair } from './authentik-profile.ts';
import { type AuthentikRequest, checkAuthentikRequest, validityOf } from './authentik-request.ts';
import { issueCertificate } from './issue-certificate.ts';
import { exportGeneratedKey, type GeneratedKeyPair } from './key-generation.ts';
import type { KeyDescription } from './key-spec.ts';
import { checkNewCertificate, type NewCertificate } from './new-certificate.ts';

/**
 * Refuses what `issueSelfSignedProfile` can't issue, so that a caller can before a key is generated.
 *
 * @throws CannotIssue with the code of the first part at fault, as `checkAuthentikRequest`; SUBJECT_ALT_NAME_OF_NO_KIND,
 * SUBJECT_ALT_NAMES_TOO_MANY, CERTIFICATE_TOO_LARGE
 * @example
 * const request = { commonName: 'a', subjectAltNames: ['10.0.0.256'], validityDays: 30, issuerCommonName: 'a', now: new Date() };
 * checkSelfSignedRequest(request); // throws SUBJECT_ALT_NAME_OF_NO_KIND
 */
export function checkSelfSignedRequest(request: AuthentikRequest): void {
  const [problem] = checkNewCertificate(describe(request), ANY_KEY, null);
  if (problem !== undefined) throw problem;
}

/**
 * Issues what users of authentik's `generate` ask for (contract §1.4): as `issueAuthentikProfile`, but its issuer is its subject, so that it
 * verifies as its own trust anchor; each alternative name, without the blanks around it, is of its true kind; and it says that it is
 * no CA, what it is for, and which key it has (RFC 5280 §4.2.1).
 *
 * @param request as for `issueAuthentikProfile`; the issuer's common name is not used
 * @param keys any that `generateKeyPair` made
 * @throws CannotIssue as `checkSelfSignedRequest`
 * @example
 * const names = ['a.example', ' 10.0.0.1', 'a@b.example'];
 * const request = { commonName: 'a', subjectAltNames: names, validityDays: 30, issuerCommonName: 'unused', now: new Date() };
 * const { certificate } = await issueSelfSignedProfile(request, await generateKeyPair('ecdsa'));
 * const { facts } = loadCertificate(certificate);
 * [facts.selfSigned, facts.subjectAltNames.ip, facts.subjectAltNames.email]; // → [true, ['10.0.0.1'], ['a@b.example']]
 */
export async function issueSelfSignedProfile(
  request: AuthentikRequest,
  keys: GeneratedKeyPair,
): Promise<IssuedKeypair> {
  return {
    certificate: await issueCertificate(describe(request), keys.publicKey, keys.privateKey),
    privateKey: exportGeneratedKey(keys),
  };
}

/** The usages fit whatever key there is, and no digest is asked for. */
const ANY_KEY: KeyDescription = { type: 'ed25519' };

function describe(request: AuthentikRequest): NewCertificate {
  const subjectAltNames = request.subjectAltNames.map(stripAsPython);
  checkAuthentikRequest({ ...request, subjectAltNames });
  return {
    subject: authentikSubject(request),
    subjectAltNames: sortSubjectAltNames(subjectAltNames),
    ...validityOf(request),
  };
}
