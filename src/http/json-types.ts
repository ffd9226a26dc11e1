/**
 * Whether a body may be read as JSON, by its Content-Type: any of the JSON types (RFC 6839 §3.1), and none.
 *
 * @param contentType the header; empty without one
 */
export function isJsonType(contentType: string): boolean {
  const [essence = ''] = contentType.split(';', 1);
  return /^(?:application\/(?:[\w.!#$&^-]+\+)?json)?$/i.test(essence.trim());
}

/**
 * Whether a Content-Type says that its body is UTF-8, of which ASCII is a part, or does not say what it is: JSON is nothing else (RFC 8259
 * §8.1).
 */
export function isOfUtf8(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? '';
  return /^(?:utf-?8|(?:us-)?ascii)?$/i.test(charset);
}
