/** A media type without its parameters, in lower case. */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  /** Whether it has parameters other than a quality value. */
  readonly isSpecific: boolean;
}

/** As lenient as the original's parser: what has no slash is a type without a subtype. */
function parseRange(range: string): MediaRange {
  const [essence = '', ...parameters] = range.split(';');
  const [type = '', subtype = ''] = essence
    .trim()
    .toLowerCase()
    .split(/\/(.*)/s);
  const names = parameters.map((parameter) => parameter.split('=', 1)[0]?.trim().toLowerCase());
  return { type, subtype, isSpecific: names.some((name) => name !== '' && name !== 'q') };
}

function covers(range: MediaRange, mediaType: MediaRange): boolean {
  return (
    (range.type === '*' || range.type === mediaType.type) &&
    (range.subtype === '*' || range.subtype === mediaType.subtype)
  );
}

/**
 * Whether a media range covers JSON. Parameters don't matter, not even `q=0`: the original compares type and subtype alone.
 *
 * @param range such as `application/json; charset=utf-8`, `application/*` or `*`+`/*`
 */
export function coversJson(range: string): boolean {
  return covers(parseRange(range), JSON_TYPE);
}

const JSON_TYPE = parseRange('application/json');

/** How narrow a range is. The original prefers what the narrowest ranges want, and knows no quality values. */
function precedence({ type, subtype, isSpecific }: MediaRange): number {
  if (type === '*') {
    return 0;
  }
  return subtype === '*' ? 1 : isSpecific ? 3 : 2;
}

/**
 * The media type in which to answer (contract §1.8).
 *
 * @param accept the Accept header; absent, everything is welcome
 * @param offered the media types that there are, the preferred ones first
 * @returns `undefined` where the client takes none of them
 */
export function negotiateMediaType<Offered extends string>(
  accept: string | undefined,
  offered: readonly Offered[],
): Offered | undefined {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  const parsed = offered.map((mediaType) => [mediaType, parseRange(mediaType)] as const);
  for (const level of [3, 2, 1, 0]) {
    const wanted = ranges.filter((range) => precedence(range) === level);
    const found = parsed.find(([, mediaType]) => wanted.some((range) => covers(range, mediaType)));
    if (found !== undefined) {
      return found[0];
    }
  }
  return undefined;
}

/** The `charset` parameter of a Content-Type header, in lower case; of several the last. */
export function charsetOf(contentType: string): string | undefined {
  return [...contentType.matchAll(/;\s*charset\s*=\s*"?([^\s";]+)/gi)].at(-1)?.[1]?.toLowerCase();
}
