/**
 * Whether a media range of an Accept or Content-Type header covers JSON. Parameters don't matter, not even `q=0`: the original
 * compares type and subtype alone.
 *
 * @param range such as `application/json; charset=utf-8`, `application/*` or `*`+`/*`
 */
export function coversJson(range: string): boolean {
  const essence = (range.split(';', 1)[0] ?? '').trim().toLowerCase();
  const slash = essence.indexOf('/');
  const type = slash === -1 ? essence : essence.slice(0, slash);
  const subtype = slash === -1 ? '' : essence.slice(slash + 1);
  return (type === '*' || type === 'application') && (subtype === '*' || subtype === 'json');
}

/** The `charset` parameter of a Content-Type header, in lower case. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]?.toLowerCase();
}
