import { expect, test } from 'vitest';
import { acceptedRanges, qualityOf } from '../../src/http/index.ts';

test.each([
  [undefined, [['*/*', 1]]],
  ['', [['*/*', 1]]],
  [
    'Text/HTML;level=1;q=0.5, */* ; Q=0',
    [
      ['text/html', 0.5],
      ['*/*', 0],
    ],
  ],
  ['a/b;q=1.000', [['a/b', 1]]],
  // No weights (RFC 9110 §12.4.2).
  ['a/b;q=2', [['a/b', 1]]],
  ['a/b;q=', [['a/b', 1]]],
  ['a/b;q=1e-3', [['a/b', 1]]],
  ['a/b;c="d,e;q=0"', [['a/b', 1]]],
])('an Accept header is read as RFC 9110 §12.5.1 has it: %s', (accept, ranges) => {
  expect(acceptedRanges(accept).map(({ range, quality }) => [range, quality])).toEqual(ranges);
});

test.each([
  ['a/b', 0.1],
  ['a/c', 0.5],
  ['x/y', 0.9],
])('the most specific range decides: %s is welcome by %f', (type, quality) => {
  const ranges = acceptedRanges('*/*;q=0.9, a/*;q=0.5, a/b;q=0.1');
  expect(qualityOf(type, ranges)).toBe(quality);
  expect(qualityOf(type, [...ranges].reverse())).toBe(quality);
});

test('what no range covers is told from what is refused', () => {
  expect(qualityOf('x/y', acceptedRanges('a/b'))).toBeUndefined();
  expect(qualityOf('x/y', acceptedRanges('x/y;q=0, */*'))).toBe(0);
  expect(qualityOf('x/y', acceptedRanges('x/y;q=0, x/y;q=0.3'))).toBe(0.3);
  expect(qualityOf('x/y', acceptedRanges('*'))).toBe(1);
});
