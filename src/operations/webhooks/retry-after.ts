import { parseHttpDate } from '../../http/index.ts';

/**
 * Reads Retry-After (RFC 9110 §10.2.3): seconds, or a date.
 *
 * @returns milliseconds from now; undefined where it says nothing
 */
export function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (/^\d{1,10}$/.test(value)) {
    return Number(value) * 1000;
  }
  const date = parseHttpDate(value, now);
  return date && Math.max(0, date.getTime() - now.getTime());
}
