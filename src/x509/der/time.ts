import { DerError } from './error.ts';
import type { DerReader } from './reader.ts';
import { Tag } from './tags.ts';

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/**
 * The next Time of a validity (RFC 5280 §4.1.2.5): seconds and `Z` are required, fractions refused. As with pyca, a GeneralizedTime
 * may be of any year, also before 2050 and of the year 0.
 */
export function readTime(reader: DerReader): Date {
  const { tag, content } = reader.read();
  const text = content.toString('latin1');
  if (tag === Tag.UtcTime) return toDate(UTC_TIME.exec(text), true);
  if (tag === Tag.GeneralizedTime) return toDate(GENERALIZED_TIME.exec(text), false);
  throw new DerError('a time is neither UTCTime nor GeneralizedTime');
}

function toDate(match: RegExpExecArray | null, twoDigitYear: boolean): Date {
  if (match === null) throw new DerError('a malformed time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  // RFC 5280 §4.1.2.5.1: 50 to 99 are of the twentieth century.
  const fullYear = twoDigitYear ? year + (year >= 50 ? 1900 : 2000) : year;
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (!exists || minute > 59 || second > 59) throw new DerError('a time that does not exist');
  return date;
}
