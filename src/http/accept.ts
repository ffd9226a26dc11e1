/** One element of an Accept header (RFC 9110 §12.5.1). */
export interface AcceptedRange {
  /** In lower case, without parameters. */
  readonly range: string;
  /** From 0, for what is not wanted, to 1. */
  readonly quality: number;
}

/** RFC 9110 §12.4.2. */
const WEIGHT = /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/;

/**
 * The media ranges that a client accepts, in the order in which it wrote them.
 *
 * @param accept the header; absent or empty, everything is welcome. A weight that is none counts as 1.
 */
export function acceptedRanges(accept: string | undefined): readonly AcceptedRange[] {
  if (accept === undefined || accept.trim() === '') {
    return [{ range: '*/*', quality: 1 }];
  }
  // Commas and semicolons in quoted parameters divide nothing.
  const unquoted = accept.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return unquoted.split(',').map((element) => {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '') ?? '';
    return { range, quality: WEIGHT.test(weight) ? Number(weight) : 1 };
  });
}

/**
 * How welcome a media type is. Of several ranges that cover it the most specific decides. A lone asterisk, which old Java clients send, covers
 * everything.
 *
 * @param type in lower case, without parameters
 * @returns 0 to 1; undefined where no range covers it
 */
export function qualityOf(type: string, ranges: readonly AcceptedRange[]): number | undefined {
  const covering = [type, type.replace(/\/.*$/, '/*'), '*/*', '*'];
  const deciding = covering.find((candidate) => ranges.some(({ range }) => range === candidate));
  return deciding === undefined
    ? undefined
    : Math.max(...ranges.filter(({ range }) => range === deciding).map(({ quality }) => quality));
}
