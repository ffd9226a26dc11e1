import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'all three forms of RFC 9110 §5.6.7 are read: %s',
  (text) => {
    expect(parseHttpDate(text, NOW)).toEqual(new Date('1994-11-06T08:49:37Z'));
  },
);

test('a year of two digits more than 50 years ahead is past (RFC 9110 §5.6.7)', () => {
  const yearOf = (digits: string) => parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, NOW)?.getUTCFullYear();
  expect([yearOf('76'), yearOf('77'), yearOf('00'), yearOf('26')]).toEqual([2076, 1977, 2000, 2026]);
});

test('what is sent is read as the same second', () => {
  const dates = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      const second = new Date(Math.floor(date.getTime() / 1000) * 1000);
      expect(parseHttpDate(formatHttpDate(date), NOW)).toEqual(second);
    }),
  );
});

test.each([
  ...['', '0', '2026', '2026-01-01', '2026-01-01T00:00:00Z', 'Sun, 06 Nov 1994', 'Sun, 06 Nov 1994 08:49:37'],
  ...['Sun, 06 Nov 1994 08:49:37 UTC', 'Sun, 6 Nov 1994 08:49:37 GMT', 'sun, 06 nov 1994 08:49:37 gmt'],
  ...['Sun, 30 Feb 2020 08:49:37 GMT', 'Sun, 06 Nov 1994 24:00:00 GMT', 'Sun, 06 Nov 1994 08:60:00 GMT'],
  ...['Sun, 06 Nov 1994 08:49:37 GMT ', 'Sun, 06 Nov 94 08:49:37 GMT', 'Sunday, 06 Nov 1994 08:49:37 GMT'],
])('%j is no date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeUndefined();
});
