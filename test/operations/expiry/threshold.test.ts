import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossingsOf, momentOf, THRESHOLDS } from '../../../src/operations/expiry/threshold.ts';
import { DAY } from './support.ts';

const at = (text: string) => Date.parse(text);
/** Of 90 days: the last tenth begins nine days before its end. */
const VALIDITY = { notBefore: at('2026-01-01T00:00:00Z'), notAfter: at('2026-04-01T00:00:00Z') };
const BEFORE = at('2026-01-01T00:00:00Z');
const NEVER = at('2027-01-01T00:00:00Z');

test.each([
  ['30d', '2026-03-02T00:00:00Z'],
  ['14d', '2026-03-18T00:00:00Z'],
  ['10_percent', '2026-03-23T00:00:00Z'],
  ['7d', '2026-03-25T00:00:00Z'],
  ['3d', '2026-03-29T00:00:00Z'],
  ['1d', '2026-03-31T00:00:00Z'],
  ['0d', '2026-04-01T00:00:00Z'],
] as const)('%s of a certificate of 90 days is crossed at %s, and not a millisecond before', (threshold, moment) => {
  expect(crossingsOf(VALIDITY, BEFORE, at(moment)).crossed).toContain(threshold);
  expect(crossingsOf(VALIDITY, BEFORE, at(moment) - 1)).toMatchObject({
    crossed: expect.not.arrayContaining([threshold]),
    next: at(moment),
  });
});

test('an import of a certificate that expires in five days says so once, by its 7d notice', () => {
  const since = at('2026-03-27T00:00:00Z');
  expect(crossingsOf(VALIDITY, since, since).crossed).toEqual(['7d']);
  expect(crossingsOf(VALIDITY, since, NEVER)).toEqual({ crossed: ['7d', '3d', '1d', '0d'], next: undefined });
});

test('an import of a certificate that has expired says that alone', () => {
  expect(crossingsOf(VALIDITY, NEVER, NEVER)).toEqual({ crossed: ['0d'], next: undefined });
});

test('thresholds that coincide are told of both: in time, and as the last ones behind', () => {
  const tenDays = { notBefore: at('2026-03-22T00:00:00Z'), notAfter: at('2026-04-01T00:00:00Z') };
  const oneDayLeft = at('2026-03-31T00:00:00Z');
  expect(crossingsOf(tenDays, oneDayLeft - 1, oneDayLeft).crossed).toEqual(
    expect.arrayContaining(['1d', '10_percent']),
  );
  expect(crossingsOf(tenDays, oneDayLeft, oneDayLeft).crossed.toSorted()).toEqual(['10_percent', '1d']);
});

test('a certificate that ends before it begins is told of at its end', () => {
  const upsideDown = { notBefore: VALIDITY.notAfter, notAfter: VALIDITY.notBefore };
  expect(momentOf('10_percent', upsideDown)).toBe(VALIDITY.notBefore);
});

test('by the time that all is over, what was told does not depend on when anybody looked', () => {
  const instant = fc.integer({ min: 0, max: 400 * DAY });
  fc.assert(
    fc.property(instant, instant, instant, fc.array(instant), (notBefore, notAfter, since, looks) => {
      const validity = { notBefore, notAfter };
      const over = 1000 * DAY;
      const told = new Set<string>();
      for (const look of [...looks.toSorted((a, b) => a - b), over]) {
        for (const threshold of crossingsOf(validity, since, look).crossed) {
          told.add(threshold);
        }
      }
      expect(told).toEqual(new Set(crossingsOf(validity, since, over).crossed));
    }),
  );
});

test('the next look is at the next threshold that is told, and never later', () => {
  const instant = fc.integer({ min: 0, max: 400 * DAY });
  fc.assert(
    fc.property(instant, instant, instant, instant, (notBefore, notAfter, since, now) => {
      const { crossed, next } = crossingsOf({ notBefore, notAfter }, since, now);
      const later = next === undefined ? Number.MAX_SAFE_INTEGER : next - 1;
      expect(crossingsOf({ notBefore, notAfter }, since, later).crossed).toEqual(crossed);
      if (next !== undefined) {
        expect(crossingsOf({ notBefore, notAfter }, since, next).crossed.length).toBeGreaterThan(crossed.length);
      }
    }),
  );
  expect(THRESHOLDS).toHaveLength(7);
});
