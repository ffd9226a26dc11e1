import { timestamp } from './fields.ts';

/** Of `YYYY-MM-DDThh:mm:ss`, without a fraction. */
const SECONDS_LENGTH = 19;

/**
 * The point in time that a timestamp of contract §1 names, exactly.
 *
 * @returns seconds since 1970 as a decimal number, with nine digits behind its point; undefined for a text that is no timestamp, or names
 *   a day or a second that no calendar has
 */
export function secondsOf(text: string): string | undefined {
  if (!timestamp.safeParse(text).success) {
    return undefined;
  }
  const milliseconds = Date.parse(`${text.slice(0, SECONDS_LENGTH)}Z`);
  const fraction = text.slice(SECONDS_LENGTH + 1, -1).padEnd(9, '0');
  const nanoseconds = BigInt(milliseconds) * 1_000_000n + BigInt(fraction);
  const sign = nanoseconds < 0n ? '-' : '';
  const digits = String(nanoseconds < 0n ? -nanoseconds : nanoseconds).padStart(10, '0');
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
