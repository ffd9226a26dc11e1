import { CannotIssue } from '../errors.ts';
import {
  buildSubjectAltNames,
  countSubjectAltNames,
  type NewSubjectAltNames,
  problemsOfSubjectAltNames,
} from '../issuing/alternative-names.ts';
import { basicConstraints, extendedKeyUsage, keyUsage } from '../issuing/certificate-extensions.ts';
import { describeKey, type KeyDescription } from '../issuing/key-spec.ts';
import { type KeyUsage, problemsOfUsages } from '../issuing/key-usages.ts';
import { buildName, type NewName, problemsOfName } from '../issuing/names.ts';
import { chooseSignature, type SignatureChoice } from '../issuing/signature-methods.ts';
import { buildExtension, type NewExtension } from '../issuing/tbs-certificate.ts';
import { openPrivateKey } from '../open-private-key.ts';
import { signRequest } from './sign-request.ts';

/** What a request is to ask for. What is left out is not asked for, and stays the CA's to choose. */
export interface NewCertificateRequest extends SignatureChoice {
  /** May be empty where there are alternative names. */
  readonly subject: NewName;
  readonly subjectAltNames?: NewSubjectAltNames | undefined;
  /** True asks for a CA's certificate, false for another; without it, for neither. */
  readonly isCa?: boolean | undefined;
  readonly keyUsage?: readonly KeyUsage[] | undefined;
  /** Names (`serverAuth` …) or dotted OBJECT IDENTIFIERs. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
}

/**
 * Makes a certification request (PKCS #10, RFC 2986) for the key of a stored private key, which signs it. What is asked for stands in
 * an extensionRequest attribute (RFC 2985 §5.4.2); where there is nothing, the attributes are empty.
 * @param wanted texts as they are to read
 * @param privateKeyText as `openPrivateKey` takes it: PEM, unencrypted
 * @returns PEM (CERTIFICATE REQUEST) with a trailing newline
 * @throws NotAPrivateKey, BeyondLimits; CannotIssue with the code of what can't be asked for: a name, an alternative name, a usage, no
 * name at all, a key that doesn't sign (KEY_CANNOT_SIGN), a digest that does not fit it
 * @example
 * const wanted = { subject: [{ type: 'C', value: 'DE' }, { type: 'CN', value: 'example.com' }] };
 * const { facts } = readCertificateRequest(await makeCertificateRequest(wanted, privateKeyPem));
 * facts.subject; // → 'CN=example.com,C=DE'
 */
export async function makeCertificateRequest(wanted: NewCertificateRequest, privateKeyText: string): Promise<string> {
  const privateKey = openPrivateKey(privateKeyText);
  const key = describeKey(privateKey);
  const [problem] = problemsOf(wanted, key);
  if (problem !== undefined) throw problem;
  const content = { subject: buildName(wanted.subject), extensions: extensionsOf(wanted).map(buildExtension) };
  return signRequest(content, chooseSignature(key, wanted), privateKey);
}

function problemsOf(wanted: NewCertificateRequest, key: KeyDescription): CannotIssue[] {
  const { subject, subjectAltNames = {}, isCa = false, extendedKeyUsage: purposes = [] } = wanted;
  const usages = { keyUsage: wanted.keyUsage ?? (isCa ? ['keyCertSign' as const] : []), extendedKeyUsage: purposes };
  const isNameless = subject.length === 0 && countSubjectAltNames(subjectAltNames) === 0;
  return [
    ...problemsOfName(subject),
    ...problemsOfSubjectAltNames(subjectAltNames),
    ...(isNameless ? [new CannotIssue('SUBJECT_MISSING', 'there is neither a subject nor an alternative name')] : []),
    ...problemsOfUsages(usages, key.type, isCa),
  ];
}

function extensionsOf({ subject, subjectAltNames = {}, isCa, ...wanted }: NewCertificateRequest): NewExtension[] {
  const hasNames = countSubjectAltNames(subjectAltNames) > 0;
  const [usages = [], purposes = []] = [wanted.keyUsage, wanted.extendedKeyUsage];
  return [
    ...(hasNames ? [buildSubjectAltNames(subjectAltNames, subject.length === 0)] : []),
    ...(isCa === undefined ? [] : [basicConstraints(isCa, null)]),
    ...(usages.length > 0 ? [keyUsage(usages)] : []),
    ...(purposes.length > 0 ? [extendedKeyUsage(purposes)] : []),
  ];
}
