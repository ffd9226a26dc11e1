import type { Statement } from '../query.ts';
import { conditionsClause, INTACT } from './trust-conditions.ts';
import type { TrustCursor, TrustOrder, TrustOrderField, TrustQuery } from './trust-query.ts';

/** The SQL that reads trust entries. What clients choose stands in the values, except fields, operators and directions, which are ours. */

/** Values of a statement, numbered as they come. */
export class Values {
  readonly all: unknown[] = [];

  /** @returns the placeholder */
  add(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/**
 * The state at an instant, as `stateAt` has it.
 *
 * @param at an expression of a timestamptz
 */
export function stateExpression(at: string): string {
  return `(CASE WHEN NOT ${INTACT} THEN 'untrusted' WHEN k.not_after < ${at} THEN 'expired' ELSE t.desired_state::text END)`;
}

/** Whether no event tells of the state yet, as `isUntold` has it. */
function untoldExpression(at: string): string {
  return `t.told_state::text <> ${stateExpression(at)} AND (t.told_state <> 'expired' OR NOT ${INTACT})`;
}

/** What {@link TrustRow} is read from; of a realm, so that its indexes serve. */
const FROM = `FROM keypairs k JOIN trust_entries t ON t.keypair_id = k.id WHERE k.realm = 'astra'`;

function columnsAt(at: string): string {
  return `k.id, k.name, k.revision, k.certificate_data AS certificate, k.common_name AS "commonName", k.not_after AS "notAfter",
    k.created_at AS "createdAt", k.updated_at AS "updatedAt", k.created_by AS "createdBy", k.updated_by AS "updatedBy",
    t.certificate_use AS use, t.stated_self_signed AS "statedSelfSigned", t.desired_state AS desired, t.told_state AS told,
    t.resource_version AS "resourceVersion", t.labels, ${INTACT} AS "isIntact", ${stateExpression(at)} AS state`;
}

/** One entry. */
export function entryStatement(account: string, id: string, at: Date): Statement {
  return {
    text: `SELECT ${columnsAt('$3::timestamptz')} ${FROM} AND k.id = $1::uuid AND k.scope = $2`,
    values: [id, account, at],
  };
}

/** One entry, which nobody else changes until the transaction ends. */
export function lockedEntryStatement(account: string, id: string, at: Date): Statement {
  const { text, values } = entryStatement(account, id, at);
  return { text: `${text} FOR UPDATE`, values };
}

/** Entries that came into a state by themselves of which no event tells, the first of them; other processes' are passed over. */
export function untoldStatement(at: Date, limit: number, ids: readonly string[] | undefined): Statement {
  const values = new Values();
  const instant = `${values.add(at)}::timestamptz`;
  const named = ids === undefined ? '' : `AND k.id = ANY(${values.add(ids)}::uuid[])`;
  // Both rows are locked: of one that is not, PostgreSQL would show what it was when the statement began.
  return {
    text: `SELECT ${columnsAt(instant)}, k.scope AS account ${FROM} ${named}
      AND ${untoldExpression(instant)}
      ORDER BY k.id LIMIT ${values.add(limit)}::int FOR UPDATE SKIP LOCKED`,
    values: values.all,
  };
}

/** The certificates that are trusted, each once, the one that came first in front. */
export function bundleStatement(account: string, at: Date, ids: readonly string[] | undefined): Statement {
  const values = new Values();
  const instant = `${values.add(at)}::timestamptz`;
  const named = ids === undefined ? '' : `AND k.id = ANY(${values.add(ids)}::uuid[])`;
  const each = `SELECT DISTINCT ON (k.fingerprint_sha256) k.certificate_data AS certificate, k.created_at, k.id ${FROM}
    AND k.scope = ${values.add(account)} ${named} AND ${stateExpression(instant)} = 'trusted'
    ORDER BY k.fingerprint_sha256, k.created_at, k.id`;
  return { text: `SELECT certificate FROM (${each}) each ORDER BY created_at, id`, values: values.all };
}

/** How much the certificates of an account are together; of none of them the text is read. */
export function octetsStatement(account: string): Statement {
  return {
    text: `SELECT coalesce(sum(octet_length(certificate_data)), 0)::float8 AS octets FROM keypairs
      WHERE realm = 'astra' AND scope = $1`,
    values: [account],
  };
}

/** How an order compares: by an expression, and by the text that a cursor holds of it. */
interface OrderTerm {
  readonly expression: string;
  /** The value as text, which loses nothing. */
  readonly written: string;
  readonly type: string;
}

const text = (expression: string): OrderTerm => ({
  expression: `${expression} COLLATE "C"`,
  written: expression,
  type: 'text',
});
const time = (column: string): OrderTerm => ({
  expression: column,
  written: `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  type: 'timestamptz',
});

function orderTerm(field: TrustOrderField, at: string): OrderTerm {
  const terms: Readonly<Record<TrustOrderField, OrderTerm>> = {
    id: { expression: 'k.id', written: 'k.id::text', type: 'uuid' },
    use: text('t.certificate_use::text'),
    commonName: text('k.common_name'),
    statedSelfSigned: text('t.stated_self_signed::text'),
    state: text(stateExpression(at)),
    desired: text('t.desired_state::text'),
    resourceVersion: text('t.resource_version'),
    notAfter: time('k.not_after'),
    createdAt: time('k.created_at'),
  };
  return terms[field];
}

/**
 * Of the certificates and labels of one page, in octets. An entry may have most of a megabyte of them, so that a page of thousands would be
 * more than a database sends, or a process holds, in time.
 */
const PAGE_OCTETS = 16 << 20;

/**
 * One page: as many as are asked for, and no more than {@link PAGE_OCTETS} leave room for, but one. `position` is what a cursor holds of each;
 * `isFollowed` tells whether something comes behind it.
 */
export function pageStatement(account: string, query: TrustQuery): Statement {
  const values = new Values();
  const at = `${values.add(query.at)}::timestamptz`;
  const scope = `k.scope = ${values.add(account)}`;
  const term = orderTerm(query.order.field, at);
  const named = query.ids === undefined ? [] : [`k.id = ANY(${values.add(query.ids)}::uuid[])`];
  const conditions = conditionsClause(query.conditions, stateExpression(at), values);
  const behind = query.after === undefined ? [] : [behindClause(query.order, term, query.after, values)];
  const where = [scope, ...named, ...conditions, ...behind].join(' AND ');
  const page = `SELECT ${columnsAt(at)}, ${term.written} AS position ${FROM} AND ${where}
    ORDER BY ${term.expression}${query.order.descending ? ' DESC' : ''}${query.order.field === 'id' ? '' : ', k.id'}
    LIMIT ${values.add(query.limit + 1)}::int`;
  // A window without an order of its own takes rows as they come, and sees no more of them than a page has.
  const measured = `SELECT page.*, lead(id) OVER () IS NOT NULL AS "isFollowed",
    sum(coalesce(octet_length(certificate), 0) + octet_length(labels::text)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "octetsBefore"
    FROM (${page}) page`;
  return {
    text: `SELECT * FROM (${measured}) measured
      WHERE coalesce("octetsBefore", 0) < ${PAGE_OCTETS} LIMIT ${values.add(query.limit)}::int`,
    values: values.all,
  };
}

function behindClause({ field, descending }: TrustOrder, term: OrderTerm, after: TrustCursor, values: Values): string {
  const value = `${values.add(after.value)}::${term.type}`;
  if (field === 'id') {
    return `k.id ${descending ? '<' : '>'} ${value}`;
  }
  const id = `${values.add(after.id)}::uuid`;
  return descending
    ? `(${term.expression} < ${value} OR (${term.expression} = ${value} AND k.id > ${id}))`
    : `(${term.expression}, k.id) > (${value}, ${id})`;
}
