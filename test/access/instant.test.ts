import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseInstant } from '../../src/access/index.ts';

describe('a point in time', () => {
  it.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T12:30', '2027-01-31T12:30:00.000Z'],
    ['2027-01-31 12:30:15', '2027-01-31T12:30:15.000Z'],
    ['2027-01-31T12:30:15.5Z', '2027-01-31T12:30:15.500Z'],
    ['2027-01-31T12:30:15.123456Z', '2027-01-31T12:30:15.123Z'],
    ['2027-01-31T12:30:15+02:00', '2027-01-31T10:30:15.000Z'],
    ['2027-01-31T12:30:15-0530', '2027-01-31T18:00:15.000Z'],
    ['2027-01-31T23:30:15-01', '2027-02-01T00:30:15.000Z'],
    ['2028-02-29T00:00:00z', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant);
  });

  it.each([
    '',
    'soon',
    '2027-02-29',
    '2027-13-01',
    '2027-00-10',
    '2027-01-31T24:00',
    '2027-01-31T12:60',
    '2027-01-31T12:30:60Z',
    '2027-01-31T12:30:15+24:00',
    '2027-01-31T12:30:15+02:60',
    '2027-01-31Z',
    '0000-01-01',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '12027-01-31',
    '2027-1-31',
    ' 2027-01-31',
    '2027-01-31T12:30:15 +02:00 ',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('is read back from what JavaScript writes', () => {
    const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(fc.property(dates, (date) => parseInstant(date.toISOString())?.getTime() === date.getTime()));
  });

  it('is a valid one or none, whatever the text', () => {
    const digits = fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$/);
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), (text) => {
        const year = parseInstant(text)?.getUTCFullYear();
        return year === undefined || (year >= 1 && year <= 9999);
      }),
    );
  });
});

it.each([
  ['90m', 5_400_000],
  ['12h', 43_200_000],
  ['30d', 2_592_000_000],
  ['30', undefined],
  ['d', undefined],
  ['-1d', undefined],
  ['1.5h', undefined],
  ['1d ', undefined],
  ['9999999d', undefined],
])('the length of time %s is %s milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
