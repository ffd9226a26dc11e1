import { type CertificateAuthority, type KeySpec, type NewCertificate, parseIpAddress } from '../../x509/index.ts';
import { type FieldProblem, tooWeak } from './errors.ts';
import { type CertificatesPost, DEFAULT_DAYS } from './generate-request.ts';
import { isWeak } from './weak-keys.ts';

/** What `generate` makes of its fields (contract §4, §4.1). */

const DAY_MS = 86_400_000;
/** A signer of this age or less may have been made by a machine whose clock is ahead of ours. */
const CLOCK_SKEW_MS = 300_000;
/** The most that x509/ writes. An imported CA may have more. */
const MAX_PATH_LENGTH = 0x7fff_ffff;

/**
 * The certificate that is asked for. Its subject has the parts in the order C, ST, L, OU …, CN; each alternative name is written once.
 *
 * @param authority the signer; null for a certificate that is signed by itself
 * @param now when it begins; where the signer begins a little later, with that one
 */
export function wantedCertificate(
  body: CertificatesPost,
  authority: CertificateAuthority | null,
  now: Date,
): NewCertificate {
  const begin = beginOf(authority, now);
  const emails = [...presentTexts([body.email]), ...presentTexts(body.alternate_email)];
  return {
    subject: [
      ...presentTexts([body.country_code]).map((value) => ({ type: 'C', value })),
      ...presentTexts([body.state]).map((value) => ({ type: 'ST', value })),
      ...presentTexts([body.locality]).map((value) => ({ type: 'L', value })),
      ...presentTexts(body.department).map((value) => ({ type: 'OU', value })),
      { type: 'CN', value: body.common_name },
    ],
    subjectAltNames: {
      // RFC 5280 §7.2: names of hosts are equal whatever their case. An address has many spellings.
      dns: uniqueBy(presentTexts(body.hostname), (name) => name.toLowerCase()),
      ip: uniqueBy(presentTexts(body.ip), (address) => parseIpAddress(address)?.toString('hex') ?? address),
      // RFC 5280 §7.5: only the domain is compared without regard to case.
      email: uniqueBy(emails, (address) => address.replace(/[^@]*$/, (domain) => domain.toLowerCase())),
    },
    notBefore: begin,
    notAfter: endOf(body.day_till_expiration, begin, authority),
    isCa: body.is_certificate_authority === true,
    pathLength: body.is_certificate_authority === true ? pathLengthBelow(authority) : null,
    ocspUrls: presentTexts([body.ocsp_responder_url]),
    digest: body.digest,
  };
}

/** The key that is asked for (contract §4.1). */
export function keySpecOf({ algorithm }: CertificatesPost): KeySpec {
  const { rsa_number_of_bits: bits, ecdsa_number_of_bits: curveBits } = algorithm;
  if (bits !== undefined) {
    return { type: 'rsa', bits };
  }
  return { type: 'ec', curve: curveBits === 384 ? 'secp384r1' : 'prime256v1' };
}

/** The choices that are taken only where the configuration allows what is no longer safe. */
export function weakChoices({ algorithm, digest }: CertificatesPost): FieldProblem[] {
  const { rsa_number_of_bits: bits } = algorithm;
  return [
    ...(bits !== undefined && isWeak({ keyType: 'rsa', keySize: bits })
      ? [{ field: 'algorithm.rsa_number_of_bits', text: tooWeak(`an RSA key of ${bits} bits`) }]
      : []),
    ...(digest === 'md5' || digest === 'sha1' ? [{ field: 'digest', text: tooWeak(digest) }] : []),
  ];
}

/**
 * How many CAs may stand below one that this signer signs. Written into it, since a signer alone is looked at: without it the CAs of its
 * CAs would go on for ever, and verify nowhere (RFC 5280 §6.1.4 l, m).
 *
 * @returns null for any number, and where there is no room for the CA itself, which x509/ refuses
 */
function pathLengthBelow(authority: CertificateAuthority | null): number | null {
  const left = authority?.pathLength ?? null;
  return left === null || left === 0 ? null : Math.min(left - 1, MAX_PATH_LENGTH);
}

/** Whole seconds, as certificates have them. */
function beginOf(authority: CertificateAuthority | null, now: Date): Date {
  const start = Math.floor(now.getTime() / 1000) * 1000;
  const ahead = (authority?.notBefore.getTime() ?? start) - start;
  return new Date(ahead > 0 && ahead <= CLOCK_SKEW_MS ? start + ahead : start);
}

/** A root and its leaf, both made without a word about days, are some seconds apart: who names no days may get some hours fewer. */
function endOf(days: number | undefined, begin: Date, authority: CertificateAuthority | null): Date {
  const end = new Date(begin.getTime() + (days ?? DEFAULT_DAYS) * DAY_MS);
  const last = authority?.notAfter ?? end;
  const overshoot = end.getTime() - last.getTime();
  return days === undefined && overshoot > 0 && overshoot < DAY_MS ? last : end;
}

function presentTexts(texts: readonly (string | undefined)[] = []): string[] {
  return texts.filter((text) => text !== undefined && text !== '') as string[];
}

/** Of those that have the same key the first. */
function uniqueBy(texts: readonly string[], keyOf: (text: string) => string): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const { size } = seen;
    return seen.add(keyOf(text)).size > size;
  });
}
