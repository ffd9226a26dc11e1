const DAY_MS = 24 * 60 * 60 * 1000;

/** How long before its end a certificate is told of. */
const DAYS_BEFORE = { '30d': 30, '14d': 14, '7d': 7, '3d': 3, '1d': 1, '0d': 0 } as const;

const LAST_PART_OF_LIFETIME = 10;

/** `10_percent`: when no more than that of the lifetime is left. */
export type Threshold = keyof typeof DAYS_BEFORE | '10_percent';

/** All there are, as the database and the metrics name them. */
export const THRESHOLDS: readonly Threshold[] = ['30d', '14d', '7d', '3d', '1d', '0d', '10_percent'];

/** Of a certificate (RFC 5280 §4.1.2.5), in milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What is to be told of a certificate, by now and later. */
export interface Crossings {
  /** Thresholds that are crossed, the first one first. */
  readonly crossed: readonly Threshold[];
  /** When the next one is crossed, in milliseconds since 1970; undefined where none is left. */
  readonly next: number | undefined;
}

/** When a threshold is crossed, in milliseconds since 1970. */
export function momentOf(threshold: Threshold, { notBefore, notAfter }: Validity): number {
  if (threshold === '10_percent') {
    return notAfter - Math.max(0, notAfter - notBefore) / LAST_PART_OF_LIFETIME;
  }
  return notAfter - DAYS_BEFORE[threshold] * DAY_MS;
}

/**
 * Which thresholds of a certificate are crossed: each that lay ahead when it was stored, once it is reached, and of those that lay behind
 * already only the last. It follows from the certificate and from when it was stored, never from how often somebody looks
 * (docs/decisions/0027-expiry-notices.md).
 *
 * @param since when the certificate was stored, in milliseconds since 1970
 * @param now in milliseconds since 1970
 */
export function crossingsOf(validity: Validity, since: number, now: number): Crossings {
  const moments = THRESHOLDS.map((threshold) => ({ threshold, at: momentOf(threshold, validity) }));
  const lastBehind = Math.max(...moments.filter(({ at }) => at <= since).map(({ at }) => at));
  const told = moments.filter(({ at }) => at > since || at === lastBehind).sort((a, b) => a.at - b.at);
  return {
    crossed: told.filter(({ at }) => at <= now).map(({ threshold }) => threshold),
    next: told.find(({ at }) => at > now)?.at,
  };
}
