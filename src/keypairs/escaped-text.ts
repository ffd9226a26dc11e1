/** jsonb refuses U+0000, which a certificate's texts may hold: it is stored as `\0`, and a backslash as two. */
export function escapeNul(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\0', String.raw`\0`);
}

/** What {@link escapeNul} was given. */
export function unescapeNul(text: string): string {
  return text.replaceAll(/\\([\\0])/g, (_, escaped: string) => (escaped === '0' ? '\0' : escaped));
}
