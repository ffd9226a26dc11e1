import { decodeBase64 } from './base64.ts';
import { readCertificate } from './certificate-structure.ts';
import { DerError } from './der/error.ts';
import { type Budget, fullBudget } from './der/reader.ts';
import { Tag } from './der/tags.ts';
import { findPem } from './pem.ts';
import { removeWhiteSpace } from './white-space.ts';

/** The words of every label, header and format that announces a private key, however they are spaced. */
const ANNOUNCEMENT = /private[^a-z0-9]{0,64}key|private-lines/i;

/** 1.2.840.113549.1.5 (PKCS#5) and 1.2.840.113549.1.12.1 (PKCS#12): what an encrypted PKCS#8 names its scheme by. */
const PASSWORD_SCHEMES = ['2a864886f70d0105', '2a864886f70d010c01'].map((hex) => Buffer.from(hex, 'hex'));

/** The start of OpenSSH's own format. */
const OPENSSH_MAGIC = Buffer.from('openssh-key-');

/**
 * How base64 begins of a SEQUENCE (length short, 81, 82, 83, indefinite) whose first element is an INTEGER from 0 to 3, which is
 * the version of PKCS#1, PKCS#8, SEC 1, DSA and PKCS#12; of `openssh-key-`; and of an encrypted PKCS#8's scheme at each of the
 * three positions within a quantum.
 */
const KEY_IN_BASE64 = new RegExp(
  [
    'M[A-H].CAQ[A-P]',
    'MI[GH].AgE[A-D]',
    'MI[I-L]..[AQgw]IBA',
    'MI[M-P]...CAQ[A-P]',
    'MIACAQ[A-P]',
    'b3BlbnNzaC1rZXkt',
    'KoZIhvcNAQ([U-X]|wB)',
    'qGSIb3DQE(F|MA[Q-Za-f])',
    'hkiG9w0B(B[Q-Za-f]|DA[E-H])',
  ].join('|'),
);

/**
 * Whether a text that is stored as a certificate must be treated as a secret (design decision 3). It errs on the safe side. True
 * if any of these stands anywhere in it:
 *
 * 1. the words "private key", in any case, with anything but letters and digits between them;
 * 2. a PEM block, of whatever label, that is no certificate and whose DER is a SEQUENCE that begins with an INTEGER (PKCS#1,
 *    PKCS#8, SEC 1, DSA, PKCS#12; also DH parameters and bare RSA public keys), or that names a password-based scheme. pyca reads
 *    the first CERTIFICATE block only, so a key under a second CERTIFICATE label is accepted. Certificates that name a scheme count
 *    as keys where they are together more than is walked;
 * 3. outside of well-formed blocks, base64 that begins like one of these or like an OpenSSH key: a block without END, or in another
 *    armour.
 *
 * Not found: keys in another encoding than base64, keys behind other octets, and what hides inside a certificate.
 * @param text anything at all; where it is PEM, its blocks are looked into (RFC 7468)
 * @throws BeyondLimits for too many blocks
 * @example
 * containsPrivateKey(chainPem); // → false
 * containsPrivateKey(certificatePem + privateKeyPem); // → true
 * containsPrivateKey(privateKeyPem.replaceAll('PRIVATE KEY', 'CERTIFICATE')); // → true
 */
export function containsPrivateKey(text: string): boolean {
  if (ANNOUNCEMENT.test(text)) return true;
  // One for all: a megabyte has room for many certificates that are as dear as one may be.
  const budget = fullBudget();
  let position = 0;
  for (const { payload, start, end } of findPem(text)) {
    if (looksLikeKey(text.slice(position, start))) return true;
    // Once: what both questions below would remove from a megabyte of headers takes its time.
    const compact = removeWhiteSpace(payload);
    const der = decodeBase64(compact);
    // What is no plain base64, because of headers for example, is searched as loose text.
    if (der === null ? KEY_IN_BASE64.test(compact) : isKeyContainer(der, budget)) return true;
    position = end;
  }
  return looksLikeKey(text.slice(position));
}

function looksLikeKey(text: string): boolean {
  return KEY_IN_BASE64.test(removeWhiteSpace(text));
}

function isKeyContainer(der: Buffer, budget: Budget): boolean {
  // A certificate begins with a SEQUENCE inside, so that only the second question needs to know what it is.
  const beginsWithInteger = der[0] === Tag.Sequence && der[contentOffset(der)] === Tag.Integer;
  if (beginsWithInteger || der.subarray(0, OPENSSH_MAGIC.length).equals(OPENSSH_MAGIC)) return true;
  return PASSWORD_SCHEMES.some((oid) => der.includes(oid)) && !isCertificate(der, budget);
}

/** Where the content of the first element starts; its length may be in any form, also of BER. */
function contentOffset(der: Buffer): number {
  const length = der[1] ?? 0;
  return length <= 0x80 ? 2 : 2 + (length & 0x7f);
}

/** Not one either where the budget is used up: what can't be looked through may be a key. */
function isCertificate(der: Buffer, budget: Budget): boolean {
  try {
    readCertificate(der, budget);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
