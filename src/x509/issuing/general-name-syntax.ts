import { parseIpAddress } from './ip-text.ts';

/** RFC 1034 §3.5 and RFC 1123 §2.1, with the underscore that service names have. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
/** RFC 1035 §2.3.4, as text and without the root's dot. */
const MAX_DNS_CHARACTERS = 253;
/** RFC 5321 §4.1.2, without quoted strings. */
const LOCAL_PART = /^[a-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[a-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/i;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_CHARACTERS = 64;
/** RFC 3986: a scheme and at least one of the characters that a URI is written in. */
const URI = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})+$/i;
/** RFC 3986 §3.2: user, host and port after two slashes. */
const AUTHORITY = /^[^:]*:\/\/(?:[^@/?#]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::\d*)?(?:[/?#]|$)/;

/**
 * Whether a text may be a dNSName (RFC 5280 §4.2.1.6): labels of letters, digits, hyphens and underscores in ASCII, the last not of
 * digits alone, as then it would be taken for an IPv4 address; no dot at the end. `*` may stand for the whole first label, with
 * another behind it (RFC 9525 §6.3).
 * @example
 * isDnsName('*.example.com'); // → true
 * isDnsName('10.0.0.1'); // → false
 */
export function isDnsName(text: string): boolean {
  if (text.length > MAX_DNS_CHARACTERS) return false;
  const labels = text.split('.');
  const concrete = labels[0] === '*' ? labels.slice(1) : labels;
  return concrete.length > 0 && concrete.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/**
 * Whether a text may be an rfc822Name (RFC 5280 §4.2.1.6): a mailbox in ASCII, its local part not quoted, its domain by name.
 * @example
 * isEmailAddress('pki@example.com'); // → true
 * isEmailAddress('pki@[192.0.2.1]'); // → false
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  return local.length <= MAX_LOCAL_CHARACTERS && LOCAL_PART.test(local) && isHostName(domain);
}

/**
 * Whether a text may be a uniformResourceIdentifier (RFC 5280 §4.2.1.6): absolute, in ASCII; where there is an authority, its host is
 * a name or an address.
 * @example
 * isUri('http://ocsp.example.com'); // → true
 * isUri('ocsp.example.com'); // → false
 */
export function isUri(text: string): boolean {
  if (!URI.test(text)) return false;
  if (!/^[^:]*:\/\//.test(text)) return true;
  const host = AUTHORITY.exec(text)?.[1] ?? '';
  const address = parseIpAddress(host.replace(/^\[(.*)\]$/, '$1'));
  return address === null ? isHostName(host) : (address.length === 16) === host.startsWith('[');
}

function isHostName(text: string): boolean {
  return isDnsName(text) && !text.startsWith('*');
}
