import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secondsOf } from '../../../src/dialects/astra/timestamp.ts';

test.each([
  ['1970-01-01T00:00:00Z', '0.000000000'],
  ['1970-01-01T00:00:00.000000001Z', '0.000000001'],
  ['1970-01-01T00:00:00,5Z', '0.500000000'],
  ['1969-12-31T23:59:59.25Z', '-0.750000000'],
  ['1969-12-31T23:59:59Z', '-1.000000000'],
  ['2031-05-04T09:00:00.123456789Z', '1935651600.123456789'],
  ['2028-02-29T23:59:59.999999999Z', '1835481599.999999999'],
  ['9999-12-31T23:59:59Z', '253402300799.000000000'],
  ['0000-01-01T00:00:00Z', '-62167219200.000000000'],
])('%s is %s', (written, seconds) => {
  expect(secondsOf(written)).toBe(seconds);
});

test.each([
  ...['', '2026', '2026-01-01', '2026-01-01T00:00Z', '2026-01-01T00:00:00', '2026-01-01T00:00:00+00:00'],
  ...['2026-01-01t00:00:00z', '2026-01-01 00:00:00Z', '2026-01-01T00:00:00.Z', '2026-01-01T00:00:00.0123456789Z'],
  ...['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-04-31T00:00:00Z'],
  ...['2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-12-31T23:59:60Z', '12026-01-01T00:00:00Z', '1767225600'],
])('%j is no timestamp', (written) => {
  expect(secondsOf(written)).toBeUndefined();
});

test('of two points in time the later one has more seconds, however near they are', () => {
  const second = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:58Z'), noInvalidDate: true });
  const fraction = fc.nat({ max: 999_999_999 });
  const nanoseconds = (text = '') => BigInt(text.replace('.', ''));
  fc.assert(
    fc.property(second, fraction, fraction, (date, one, other) => {
      const at = (nanos: number) =>
        nanoseconds(secondsOf(`${date.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`));
      expect(at(one) - at(other)).toBe(BigInt(one) - BigInt(other));
      expect(at(0)).toBe(BigInt(Math.floor(date.getTime() / 1000)) * 1_000_000_000n);
    }),
  );
});
