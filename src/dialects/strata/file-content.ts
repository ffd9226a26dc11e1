/**
 * The bytes of a file that a field holds: base64 (RFC 4648 §4), with blanks and line breaks and without its padding too, or PEM as it is, which some
 * clients send where base64 was meant (contract §7).
 *
 * @returns undefined for anything else
 */
export function decodeFile(field: string): Buffer | undefined {
  if (field.trimStart().startsWith('-----BEGIN')) {
    return Buffer.from(field, 'utf8');
  }
  const [, digits = '', padding = ''] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(field.replaceAll(/[ \t\r\n]/g, '')) ?? [];
  const missing = (4 - (digits.length % 4)) % 4;
  // One digit alone is no octet.
  if (digits === '' || missing === 3 || padding.length > missing) {
    return undefined;
  }
  const bytes = Buffer.from(digits, 'base64');
  // Node's decoder drops bits that stand for nothing, and two texts would be one file (RFC 4648 §3.5).
  return bytes.toString('base64').startsWith(digits) ? bytes : undefined;
}
