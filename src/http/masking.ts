/** Stands in the log where something was that may be secret. */
export const REDACTED = '[redacted]';

/**
 * A private key in PEM (RFC 7468) as far as it goes, also where its line breaks are escaped as in JSON, and where it has no end; any PEM in
 * base64, as Astra's API carries it; a token of ours; a JWT (RFC 7519), whose first two parts are JSON objects, behind its header; the
 * password of a database's URL.
 */
const SECRETS = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=,.: \r\n\t-]|\\[nrt])*/g,
  // In base64 what is private and what is not begin alike: -----BEGIN, behind a multiple of three octets, one more, or two more.
  /(?:LS0tLS1CRUdJTi|tLS0tQkVHSU4|LS0tLUJFR0lO)[A-Za-z0-9+/=]{32,}/g,
  /certkeep_[A-Za-z0-9_-]{32,}/g,
  // From the first dot, since each of many beginnings would be followed to its end; what stands in front of it is no secret.
  /\.(?<=eyJ[A-Za-z0-9_-]{8,}\.)eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g,
  /(?<=postgres(?:ql)?:\/\/[^\s:/@"]*:)[^\s/"]+(?=@)/g,
];

/**
 * A text without what is secret by its look alone: the last resort, for what no name of a field gave away.
 *
 * @param text plain or JSON, which it remains
 */
export function maskSecrets(text: string): string {
  // Most texts hold none, and this is asked of every line of the log.
  if (!/PRIVATE KEY-----|LS0tLS1CRUdJTi|tLS0tQkVHSU4|LS0tLUJFR0lO|certkeep_|eyJ|postgres/.test(text)) {
    return text;
  }
  return SECRETS.reduce((masked, pattern) => masked.replaceAll(pattern, REDACTED), text);
}

/**
 * As {@link maskSecrets}, of a percent-encoded text such as a path: one that holds a secret is given decoded.
 *
 * @param text what can't be decoded is not shown at all
 */
export function maskEncodedSecrets(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    const masked = maskSecrets(decoded);
    return masked === decoded ? text : masked;
  } catch {
    return REDACTED;
  }
}
