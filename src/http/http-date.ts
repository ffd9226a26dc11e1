/** Dates in headers (RFC 9110 §5.6.7). */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const TIME = String.raw`(?<time>\d\d:\d\d:\d\d)`;
const MONTH = `(?<month>${MONTHS.join('|')})`;
const DAY_NAME = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY_NAME = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';

/** The one that is sent, and the two that are obsolete and must be read all the same. */
const FORMS = [
  new RegExp(String.raw`^${DAY_NAME}, (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^${LONG_DAY_NAME}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`),
  new RegExp(String.raw`^${DAY_NAME} ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
];

/** As `Sun, 06 Nov 1994 08:49:37 GMT`; what is less than a second is left out. */
export function formatHttpDate(date: Date): string {
  return date.toUTCString();
}

/**
 * Reads a date in any of the three forms.
 *
 * @param now by which a year of two digits is told: one that seems more than 50 years ahead is past
 * @returns undefined for what is none
 */
export function parseHttpDate(text: string, now: Date): Date | undefined {
  const groups = FORMS.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) {
    return undefined;
  }
  const { year = '', month = '', day = '', time = '' } = groups;
  const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  const written = `${fullYear(year, now)}-${monthNumber}-${day.replace(' ', '0')}T${time}`;
  const date = new Date(`${written}Z`);
  // A 30th of February is taken for a day in March.
  return Number.isNaN(date.getTime()) || !date.toISOString().startsWith(written) ? undefined : date;
}

function fullYear(year: string, now: Date): string {
  if (year.length === 4) {
    return year;
  }
  const thisYear = now.getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + Number(year);
  return String(inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury).padStart(4, '0');
}
