import type { Keypair, Placement } from './keypair.ts';
import { foldCase, hasUniqueNames } from './name.ts';
import type { ExportPage } from './pair-to-export.ts';
import type { KeypairFilter, Order, OrderField, Page, Statement } from './query.ts';

/** The SQL of the hot reads. Neither certificate text nor sealed keys: dragging them along makes a list three times slower. */

const COLUMNS: Record<keyof Keypair | OrderField, string> = {
  id: 'id',
  name: 'name',
  managed: 'managed',
  fingerprintSha256: 'fingerprint_sha256',
  fingerprintSha1: 'fingerprint_sha1',
  notAfter: 'not_after',
  subject: 'subject',
  keyType: 'key_type',
  hasPrivateKey: 'private_key_seal_revision IS NOT NULL',
  privateKeyType: 'private_key_type',
  createdAt: 'created_at',
};

/** What a keypair is read from. */
export const SUMMARY = Object.entries(COLUMNS)
  .filter(([property]) => property !== 'createdAt')
  .map(([property, column]) => `${column} AS "${property}"`)
  .join(', ');

/**
 * The statement that reads one page and how many rows match in all: one statement, therefore one snapshot, so that count and page
 * never contradict each other. A page without rows gives one row, of the total alone.
 *
 * @param columns what is read of each row; what it is ordered by is among it
 */
export function listStatement(
  placement: Placement,
  filter: KeypairFilter,
  orders: readonly Order[],
  { limit, offset }: Page,
  columns: string = SUMMARY,
): Statement {
  const { text: where, values } = whereClause(placement, filter);
  const total = totalExpression(placement, filter, where);
  const order = completed(orders, placement);
  const size = `$${values.length + 1}::int`;
  const skipped =
    offset === 'last-page' ? `greatest(matching.total - 1, 0) / ${size} * ${size}` : `$${values.length + 2}::bigint`;
  return {
    text: `SELECT matching.total, page.*
      FROM (SELECT ${total} AS total) matching
      LEFT JOIN LATERAL (
        SELECT ${columns} FROM keypairs WHERE ${where}
        ORDER BY ${orderClause(order, (field) => COLUMNS[field])} LIMIT ${size} OFFSET ${skipped}
      ) page ON true ORDER BY ${orderClause(order, (field) => `page."${field}"`)}`,
    values: offset === 'last-page' ? [...values, limit] : [...values, limit, offset],
  };
}

/** The statement that reads one keypair, where it also passes the filter. */
export function findStatement(
  placement: Placement,
  id: string,
  filter: KeypairFilter,
  columns: string = SUMMARY,
): Statement {
  const { text: where, values } = whereClause(placement, filter);
  return {
    text: `SELECT ${columns} FROM keypairs WHERE id = $${values.length + 1}::uuid AND ${where}`,
    values: [...values, id],
  };
}

/** The statement that tells, as `found`, whether any keypair passes the filter. */
export function existsStatement(placement: Placement, filter: KeypairFilter): Statement {
  const { text: where, values } = whereClause(placement, filter);
  return { text: `SELECT EXISTS (SELECT 1 FROM keypairs WHERE ${where}) AS found`, values };
}

/**
 * Ends with what no two rows share, so that rows which are equal otherwise keep one order over all pages: the id, or the name where that
 * is unique. Behind it nothing is compared, and the index of names gives its rows in their order.
 */
function completed(orders: readonly Order[], { realm }: Placement): Order[] {
  const terms: Order[] = [];
  for (const order of [...orders, { field: 'id', descending: false } as const]) {
    if (!terms.some(({ field }) => field === order.field)) {
      terms.push(order);
    }
    if (order.field === 'id' || (order.field === 'name' && hasUniqueNames(realm))) {
      break;
    }
  }
  return terms;
}

function orderClause(orders: readonly Order[], expression: (field: OrderField) => string): string {
  return orders.map(({ field, descending }) => expression(field) + (descending ? ' DESC' : '')).join(', ');
}

/**
 * How many rows match. Of a whole realm, without the few that are not shown: counted apart, both come from an index alone, which a
 * condition on each row's `managed` would rule out.
 */
function totalExpression(placement: Placement, filter: KeypairFilter, where: string): string {
  const { exceptManaged, ...rest } = filter;
  if (exceptManaged === undefined || Object.keys(rest).length > 0) {
    return `(SELECT count(*)::int FROM keypairs WHERE ${where})`;
  }
  const all = `${IN_REALM[placement.realm]} AND scope = $1`;
  return `((SELECT count(*)::int FROM keypairs WHERE ${all}) - (SELECT count(*)::int FROM keypairs WHERE ${all} AND managed = $2))`;
}

/** The statement that finds a keypair of a name, other than `except`. */
export function nameStatement({ realm, scope }: Placement, name: string, except: string | undefined): Statement {
  return {
    text: `SELECT id FROM keypairs WHERE ${IN_REALM[realm]} AND scope = $1 AND name = $2 AND id IS DISTINCT FROM $3::uuid`,
    values: [scope, name, except ?? null],
  };
}

/** The statement that reads pairs in the order of their names, which are unique: however many there are, each page is found by the index. */
export function exportStatement({ realm, scope }: Placement, { after, limit, names }: ExportPage): Statement {
  const isNamed = names === undefined ? '' : ' AND name = ANY($4::text[])';
  return {
    text: `SELECT id, name, managed, private_key_seal_revision IS NOT NULL AS "hasPrivateKey",
        private_key_exportable AS "privateKeyExportable"
      FROM keypairs WHERE ${IN_REALM[realm]} AND scope = $1 AND name > $2${isNamed} ORDER BY name LIMIT $3::int`,
    values: [scope, after, limit, ...(names === undefined ? [] : [names])],
  };
}

/** As literals: only of these does PostgreSQL know, whatever the values, that the index of unique names holds the row. */
const IN_REALM: Record<Placement['realm'], string> = {
  authentik: `realm = 'authentik'`,
  strata: `realm = 'strata'`,
  astra: `realm = 'astra'`,
};

function whereClause(placement: Placement, filter: KeypairFilter): Statement {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions = [IN_REALM[placement.realm], `scope = ${value(placement.scope)}`];
  if (filter.name !== undefined) {
    conditions.push(`name = ${value(filter.name)}`);
  }
  if (filter.managed !== undefined) {
    conditions.push(`managed = ${value(filter.managed)}`);
  }
  if (filter.exceptManaged !== undefined) {
    conditions.push(`managed IS DISTINCT FROM ${value(filter.exceptManaged)}`);
  }
  if (filter.hasPrivateKey !== undefined) {
    conditions.push(`private_key_seal_revision IS ${filter.hasPrivateKey ? 'NOT ' : ''}NULL`);
  }
  if (filter.keyTypes !== undefined) {
    conditions.push(`key_type = ANY(${value(filter.keyTypes)}::key_type[])`);
  }
  if (filter.search !== undefined) {
    // One parameter for all terms, so that their number does not make another statement.
    const patterns = filter.search.map((term) => `%${escapeLike(foldCase(term))}%`);
    conditions.push(`name_folded LIKE ALL(${value(patterns)}::text[])`);
  }
  if (filter.ids !== undefined) {
    conditions.push(`id = ANY(${value(filter.ids)}::uuid[])`);
  }
  return { text: conditions.join(' AND '), values };
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
