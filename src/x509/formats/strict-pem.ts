/**
 * Whether a PEM text of certificates is read alike by everybody as it stands: each line is a boundary under the label of RFC 7468 §5.1,
 * or base64 of at most 76 columns; no line is indented, none is without an end (§2).
 * @param text what `holdsOnlyCertificates` is true of
 * @example
 * isStrictPem(chainPem); // → true
 * isStrictPem(chainPem.replaceAll('BEGIN CERTIFICATE', 'BEGIN X509 CERTIFICATE')); // → false
 */
export function isStrictPem(text: string): boolean {
  return text.split(/\r?\n/).every((line) => STRICT_LINE.test(line));
}

const STRICT_LINE = /^(?:-----(?:BEGIN|END) CERTIFICATE-----|[A-Za-z0-9+/=]{0,76})[ \t]*$/;
