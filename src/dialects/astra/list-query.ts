import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthenticatedTexts } from '../../http/index.ts';
import type { TrustCondition, TrustOrder } from '../../keypairs/index.ts';
import { type Continuation, continuationOf, type Walk } from './continue-token.ts';
import { filterOf, MAX_FILTER_LENGTH, MAX_FILTERS } from './filter.ts';
import { INCLUDE, includeOf, type ResourceField } from './include.ts';
import { OLDEST_FIRST, ORDER, orderOf } from './order.ts';
import { Parameters, UnsoundParameter } from './parameters.ts';

/** As many as one answer holds at the most, whatever is asked for. */
export const MAX_LIMIT = 5000;

/** What is asked of a list (contract §3.6). */
export interface ListQuery {
  /** Each must hold; undefined where no certificate can meet them. */
  readonly conditions: readonly TrustCondition[] | undefined;
  /** The fields of each item, in this order; undefined for the whole resource. */
  readonly include: readonly ResourceField[] | undefined;
  readonly order: TrustOrder;
  readonly limit: number;
  readonly walk: Walk;
  /** Of a walk that has begun. */
  readonly continuation: Continuation | undefined;
}

/** Contract §3.6. */
const LIMIT = /^[1-9][0-9]*$/;

/** For OpenAPI: what of it is sound, the parsers decide. */
export const listParameters = z.object({
  filter: z
    .array(z.string().max(MAX_FILTER_LENGTH))
    .max(MAX_FILTERS)
    .optional()
    .describe(
      "A field, one of eq, lt, gt, lte, gte and in, and a value in single quotes: `certUse eq 'rootCA'`, " +
        "`metadata.labels[*].name in 'lab'`. Given several times, all must hold.",
    ),
  include: z
    .string()
    .regex(INCLUDE)
    .optional()
    .describe('Fields with commas between them: each item is an array of their values.'),
  limit: z
    .string()
    .regex(LIMIT)
    .optional()
    .describe(`How many items at the most; never more than ${MAX_LIMIT} at once.`),
  continue: z.string().optional().describe('What `metadata.continue` of the page before holds.'),
  orderBy: z
    .string()
    .regex(ORDER)
    .optional()
    .describe('A field, and ` desc` behind it for the reverse. The oldest first without.'),
});

/** The names of all parameters that a list has. */
export const LIST_PARAMETERS = Object.keys(listParameters.shape);

/**
 * What a query asks of the list of an account, whose names of parameters are known to be those that there are.
 *
 * @throws {Problem} 5, with every parameter that is not sound
 */
export function listQueryOf({ query }: FastifyRequest, account: string, texts: AuthenticatedTexts): ListQuery {
  const parameters = new Parameters(query);
  const filters = parameters.all('filter', MAX_FILTERS);
  const include = parameters.one('include');
  const orderBy = parameters.one('orderBy');
  const walk: Walk = { account, filters, include, orderBy };
  const result = {
    conditions: conditionsOf(filters.map((written) => parameters.read('filter', () => filterOf(written)) ?? false)),
    include: parameters.read('include', () => (include === undefined ? undefined : includeOf(include))),
    order: parameters.read('orderBy', () => (orderBy === undefined ? undefined : orderOf(orderBy))) ?? OLDEST_FIRST,
    limit: parameters.read('limit', () => limitOf(parameters.one('limit'))) ?? MAX_LIMIT,
    walk,
    continuation: parameters.read('continue', () => goOn(parameters.one('continue'), walk, texts)),
  };
  parameters.refuse();
  return result;
}

/** What is always so asks for nothing, and what is never so for all too much. */
function conditionsOf(filters: readonly (TrustCondition | boolean)[]): readonly TrustCondition[] | undefined {
  return filters.includes(false) ? undefined : filters.filter((filter) => typeof filter !== 'boolean');
}

function limitOf(written: string | undefined): number | undefined {
  if (written !== undefined && !LIMIT.test(written)) {
    throw new UnsoundParameter('is no whole number from 1');
  }
  return written === undefined ? undefined : Math.min(Number(written), MAX_LIMIT);
}

function goOn(token: string | undefined, walk: Walk, texts: AuthenticatedTexts): Continuation | undefined {
  if (token === undefined) {
    return undefined;
  }
  const continuation = continuationOf(texts, walk, token);
  if (continuation === undefined) {
    throw new UnsoundParameter('is not the token of a page before, of the same query');
  }
  return continuation;
}
