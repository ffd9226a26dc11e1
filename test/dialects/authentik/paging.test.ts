import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/dialects/authentik/errors.ts';
import { type Pagination, pageOf, paginationOf } from '../../../src/dialects/authentik/paging.ts';
import { Query } from '../../../src/dialects/authentik/query.ts';

const page = (text: string) => pageOf(new Query({ raw: { url: `/?${text}` } } as FastifyRequest));

function refusalOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof Refusal ? [error.status, error.body] : error;
  }
  return undefined;
}

const INVALID = [404, { detail: 'Invalid page.' }];

describe('page_size', () => {
  it.each([
    ['', 20],
    ['page_size=', 20],
    ['page_size=0', 20],
    ['page_size=-1', 20],
    ['page_size=abc', 20],
    ['page_size=1.0', 20],
    ['page_size=1e1', 20],
    ['page_size=1', 1],
    ['page_size=+7', 7],
    ['page_size=%2B7', 7],
    ['page_size=1_0', 10],
    ['page_size=%D9%A3', 3],
    ['page_size=100', 100],
    ['page_size=101', 100],
    [`page_size=${'9'.repeat(1000)}`, 100],
    ['page_size=5&page_size=6', 6],
    ['page_size=5&page_size=', 20],
  ])('%j makes pages of %i', (text, size) => {
    expect(page(text).size).toBe(size);
  });
});

describe('page', () => {
  it.each([
    ['', 1],
    ['page=', 1],
    ['page=1', 1],
    ['page=+2', 2],
    ['page=%2B2', 2],
    ['page=02', 2],
    ['page=3&page=4', 4],
    ['page=last', 'last'],
    ['page=1000000000', 1_000_000_000],
  ])('%j is page %s', (text, number) => {
    expect(page(text).number).toBe(number);
  });

  it.each(['0', '-1', 'abc', '1.5', '1.0', '+', 'Last', 'last+', '1,2', '1000000001', '9'.repeat(1000)])(
    '%s is no page',
    (number) => {
      expect(refusalOf(() => page(`page=${number}`))).toEqual(INVALID);
    },
  );
});

describe('the pagination of a list', () => {
  const described = (size: number, number: number | 'last', count: number, rows: number): Pagination =>
    paginationOf({ size, number }, count, rows);

  it('of an empty list is one page that begins and ends at 0', () => {
    const empty = { next: 0, previous: 0, count: 0, current: 1, total_pages: 1, start_index: 0, end_index: 0 };
    expect(described(20, 1, 0, 0)).toEqual(empty);
    expect(described(20, 'last', 0, 0)).toEqual(empty);
  });

  it('names its neighbours by their numbers, 0 where there is none', () => {
    const common = { count: 5, total_pages: 3 };
    expect(described(2, 1, 5, 2)).toEqual({
      ...common,
      next: 2,
      previous: 0,
      current: 1,
      start_index: 1,
      end_index: 2,
    });
    expect(described(2, 2, 5, 2)).toEqual({
      ...common,
      next: 3,
      previous: 1,
      current: 2,
      start_index: 3,
      end_index: 4,
    });
    expect(described(2, 3, 5, 1)).toEqual({
      ...common,
      next: 0,
      previous: 2,
      current: 3,
      start_index: 5,
      end_index: 5,
    });
    expect(described(2, 'last', 5, 1)).toEqual(described(2, 3, 5, 1));
  });

  it('has no empty last page where the last one is full', () => {
    expect(described(2, 'last', 4, 2)).toMatchObject({ current: 2, total_pages: 2, next: 0, end_index: 4 });
  });

  it('does not exist beyond the last page', () => {
    // Neither page has rows, hence no count is known.
    expect(refusalOf(() => described(2, 4, 0, 0))).toEqual(INVALID);
    expect(refusalOf(() => described(2, 2, 0, 0))).toEqual(INVALID);
  });

  it('leads through every row exactly once, forwards and backwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }), (size, count) => {
        const at = (number: number) => described(size, number, count, Math.min(size, count - (number - 1) * size));
        let current = at(1);
        for (let last = 0; ; current = at(current.next)) {
          expect(current.start_index).toBe(last + 1);
          expect(current.end_index).toBeGreaterThanOrEqual(current.start_index);
          expect(current.end_index - current.start_index).toBeLessThan(size);
          expect(current.previous).toBe(current.current - 1);
          last = current.end_index;
          if (current.next === 0) {
            expect(last).toBe(count);
            expect(current.total_pages).toBe(current.current);
            return;
          }
        }
      }),
    );
  });
});
