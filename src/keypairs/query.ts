import type { KeyType } from '../x509/index.ts';
import type { Placement } from './keypair.ts';
import { foldCase } from './name.ts';

export type OrderField =
  | 'id'
  | 'name'
  | 'managed'
  | 'fingerprintSha256'
  | 'fingerprintSha1'
  | 'notAfter'
  | 'subject'
  | 'keyType';

export interface Order {
  readonly field: OrderField;
  readonly descending: boolean;
}

/** Which keypairs. Each condition that is given must hold. */
export interface KeypairFilter {
  readonly name?: string;
  readonly managed?: string;
  readonly hasPrivateKey?: boolean;
  /** Any of these. */
  readonly keyTypes?: readonly KeyType[];
  /** Each must occur in the name, without regard to case. */
  readonly search?: readonly string[];
}

export interface Page {
  /** Rows of a page. */
  readonly size: number;
  /** Counted from 1, or the last one, whichever that is. */
  readonly number: number | 'last';
}

/** A part of a statement with its values in the order of their $n. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What {@link Keypair} shows. Neither certificate text nor sealed keys: dragging them along makes a list three times slower. */
export const SUMMARY_COLUMNS = `id, name, managed, fingerprint_sha256 AS "fingerprintSha256",
  fingerprint_sha1 AS "fingerprintSha1", not_after AS "notAfter", subject, key_type AS "keyType",
  private_key_seal_revision IS NOT NULL AS "hasPrivateKey", private_key_type AS "privateKeyType"`;

const ORDER_COLUMNS: Record<OrderField, string> = {
  id: 'id',
  name: 'name',
  managed: 'managed',
  fingerprintSha256: 'fingerprint_sha256',
  fingerprintSha1: 'fingerprint_sha1',
  notAfter: 'not_after',
  subject: 'subject',
  keyType: 'key_type',
};

/**
 * The statement that reads one page and how many rows match in all: one statement, therefore one snapshot, so that count and page
 * never contradict each other. A page beyond the last has no row, hence no count; a caller knows what that means for page 1.
 */
export function listStatement(
  placement: Placement,
  filter: KeypairFilter,
  orders: readonly Order[],
  page: Page,
): Statement {
  const { text: where, values } = whereClause(placement, filter);
  const matching = `FROM keypairs WHERE ${where}`;
  const size = `$${values.length + 1}::int`;
  const offset =
    page.number === 'last'
      ? `(SELECT greatest(count(*) - 1, 0) / ${size} * ${size} ${matching})`
      : `$${values.length + 2}::bigint`;
  return {
    text: `SELECT (SELECT count(*)::int ${matching}) AS total, ${SUMMARY_COLUMNS}
      ${matching} ORDER BY ${orderClause(orders)} LIMIT ${size} OFFSET ${offset}`,
    values: page.number === 'last' ? [...values, page.size] : [...values, page.size, (page.number - 1) * page.size],
  };
}

/** The statement that reads one keypair, where it also passes the filter. */
export function findStatement(placement: Placement, id: string, filter: KeypairFilter): Statement {
  const { text: where, values } = whereClause(placement, filter);
  return {
    text: `SELECT ${SUMMARY_COLUMNS} FROM keypairs WHERE id = $${values.length + 1}::uuid AND ${where}`,
    values: [...values, id],
  };
}

/** Ends with the id, so that rows which are equal otherwise keep one order over all pages. A column that comes again changes nothing. */
function orderClause(orders: readonly Order[]): string {
  const terms = new Map<OrderField, string>();
  for (const { field, descending } of [...orders, { field: 'id', descending: false } as const]) {
    if (!terms.has(field)) {
      terms.set(field, ORDER_COLUMNS[field] + (descending ? ' DESC' : ''));
    }
  }
  return [...terms.values()].join(', ');
}

function whereClause(placement: Placement, filter: KeypairFilter): Statement {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions = [`realm = ${value(placement.realm)}::realm`, `scope = ${value(placement.scope)}`];
  if (filter.name !== undefined) {
    conditions.push(`name = ${value(filter.name)}`);
  }
  if (filter.managed !== undefined) {
    conditions.push(`managed = ${value(filter.managed)}`);
  }
  if (filter.hasPrivateKey !== undefined) {
    conditions.push(`private_key_seal_revision IS ${filter.hasPrivateKey ? 'NOT ' : ''}NULL`);
  }
  if (filter.keyTypes !== undefined) {
    conditions.push(`key_type = ANY(${value(filter.keyTypes)}::key_type[])`);
  }
  for (const term of filter.search ?? []) {
    conditions.push(`name_folded LIKE ${value(`%${escapeLike(foldCase(term))}%`)}`);
  }
  return { text: conditions.join(' AND '), values };
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
