import { contextPrimitiveValue, type DerValue, sequence } from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { Oid } from '../oids.ts';
import { isDnsName, isEmailAddress, isUri } from './general-name-syntax.ts';
import { parseIpAddress } from './ip-text.ts';
import type { NewExtension } from './tbs-certificate.ts';

/** The alternative names that a certificate is to have, by kind; they are written in this order. */
export interface NewSubjectAltNames {
  /** ASCII; `*` may stand for the first label. */
  readonly dns?: readonly string[] | undefined;
  /** Dotted IPv4, or IPv6. */
  readonly ip?: readonly string[] | undefined;
  /** ASCII. */
  readonly email?: readonly string[] | undefined;
  /** Absolute, ASCII. */
  readonly uri?: readonly string[] | undefined;
}

type Kind = keyof NewSubjectAltNames;

interface Rule {
  readonly kind: Kind;
  /** Of GeneralName (RFC 5280 §4.2.1.6). */
  readonly tag: number;
  readonly code: CannotIssue['code'];
  readonly isSound: (text: string) => boolean;
  readonly encode: (text: string) => Buffer;
}

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

const RULES: readonly Rule[] = [
  { kind: 'dns', tag: 2, code: 'DNS_NAME_MALFORMED', isSound: isDnsName, encode: ascii },
  {
    kind: 'ip',
    tag: 7,
    code: 'IP_ADDRESS_MALFORMED',
    isSound: (text) => parseIpAddress(text) !== null,
    encode: (text) => parseIpAddress(text) ?? Buffer.alloc(0),
  },
  { kind: 'email', tag: 1, code: 'EMAIL_ADDRESS_MALFORMED', isSound: isEmailAddress, encode: ascii },
  { kind: 'uri', tag: 6, code: 'URI_MALFORMED', isSound: isUri, encode: ascii },
];

/** How many there are of all kinds. */
export function countSubjectAltNames(names: NewSubjectAltNames): number {
  return RULES.reduce((count, { kind }) => count + (names[kind]?.length ?? 0), 0);
}

/**
 * Everything that keeps alternative names from being written, each code once: DNS_NAME_MALFORMED, IP_ADDRESS_MALFORMED,
 * EMAIL_ADDRESS_MALFORMED, URI_MALFORMED, SUBJECT_ALT_NAMES_TOO_MANY.
 */
export function problemsOfSubjectAltNames(names: NewSubjectAltNames): CannotIssue[] {
  if (countSubjectAltNames(names) > LIMITS.ALTERNATIVE_NAMES) {
    return [
      new CannotIssue('SUBJECT_ALT_NAMES_TOO_MANY', 'no certificate with so many alternative names is read back'),
    ];
  }
  return RULES.filter(({ kind, isSound }) => names[kind]?.every(isSound) === false).map(
    ({ code }) => new CannotIssue(code, 'an alternative name is not written as its kind is'),
  );
}

/**
 * The subjectAltName extension. Only of names in which `problemsOfSubjectAltNames` finds nothing, and at least one.
 * @param critical true where the subject is empty (RFC 5280 §4.2.1.6)
 */
export function buildSubjectAltNames(names: NewSubjectAltNames, critical: boolean): NewExtension {
  const generalNames = RULES.flatMap(({ kind, tag, encode }) =>
    (names[kind] ?? []).map((text): DerValue => contextPrimitiveValue(tag, encode(text))),
  );
  return { oid: Oid.subjectAltName, critical, value: sequence(...generalNames) };
}

/**
 * Finds the kind of each text: an address, otherwise a URI where there is `://` or `urn:` in front, otherwise an e-mail address where
 * there is an `@`, otherwise a DNS name.
 * @throws CannotIssue SUBJECT_ALT_NAME_OF_NO_KIND where a text is not written as its kind is
 */
export function sortSubjectAltNames(texts: readonly string[]): Required<NewSubjectAltNames> {
  const names: Record<Kind, string[]> = { dns: [], ip: [], email: [], uri: [] };
  for (const text of texts) names[kindOf(text)].push(text);
  const [problem] = problemsOfSubjectAltNames(names);
  if (problem === undefined) return names as Required<NewSubjectAltNames>;
  if (problem.code === 'SUBJECT_ALT_NAMES_TOO_MANY') throw problem;
  throw new CannotIssue('SUBJECT_ALT_NAME_OF_NO_KIND', 'an alternative name is of no kind');
}

function kindOf(text: string): Kind {
  if (parseIpAddress(text) !== null) return 'ip';
  if (/^(?:[^:]*:\/\/|urn:)/i.test(text)) return 'uri';
  return text.includes('@') ? 'email' : 'dns';
}
