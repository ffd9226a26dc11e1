import type { Page } from '../../keypairs/index.ts';
import { invalidPage } from './errors.ts';
import { parseInteger } from './python.ts';
import type { Query } from './query.ts';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;
/** No table has as many pages; a larger number could not be counted with. */
const MAX_PAGE = 1_000_000_000n;

/** A page as this API counts them: from 1, or the last one, whichever that is. */
export interface WantedPage {
  readonly size: number;
  readonly number: number | 'last';
}

/**
 * Which page a client wants (contract §1.7).
 *
 * @throws {Refusal} 404 for what is no page number
 */
export function pageOf(query: Query): WantedPage {
  const size = pageSize(query.last('page_size') ?? '');
  const wanted = query.last('page') || '1';
  if (wanted === 'last') {
    return { size, number: 'last' };
  }
  const number = parseInteger(wanted);
  if (number === undefined || number < 1n || number > MAX_PAGE) {
    throw invalidPage();
  }
  return { size, number: Number(number) };
}

/** The same as the store counts it. */
export function rowsOf({ size, number }: WantedPage): Page {
  return { limit: size, offset: number === 'last' ? 'last-page' : (number - 1) * size };
}

/** What is no positive number counts for the default, what is too large for the maximum. */
function pageSize(wanted: string): number {
  const size = parseInteger(wanted);
  if (size === undefined || size <= 0n) {
    return DEFAULT_SIZE;
  }
  return size > BigInt(MAX_SIZE) ? MAX_SIZE : Number(size);
}

/** The `pagination` of a list: page numbers, 0 where there is none. */
export interface Pagination {
  readonly next: number;
  readonly previous: number;
  readonly count: number;
  readonly current: number;
  readonly total_pages: number;
  readonly start_index: number;
  readonly end_index: number;
}

/**
 * Describes a page.
 *
 * @param count all that match
 * @param rows how many this page holds
 * @throws {Refusal} 404 for a page beyond the last
 */
export function paginationOf(page: WantedPage, count: number, rows: number): Pagination {
  const total = Math.max(1, Math.ceil(count / page.size));
  const current = page.number === 'last' ? total : page.number;
  if (current > total) {
    throw invalidPage();
  }
  const start = (current - 1) * page.size;
  return {
    next: current < total ? current + 1 : 0,
    previous: current > 1 ? current - 1 : 0,
    count,
    current,
    total_pages: total,
    start_index: rows === 0 ? 0 : start + 1,
    end_index: start + rows,
  };
}
