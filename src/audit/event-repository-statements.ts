/** Which events. Each condition that is given must hold. */
export interface EventFilter {
  /** Occurs in the action, without regard to case. */
  readonly actionContains?: string;
  /** Any of these. */
  readonly actions?: readonly string[];
  readonly username?: string;
  readonly clientAddress?: string;
  readonly modelApp?: string;
  readonly modelName?: string;
  /** Hexadecimal, lower case, without dashes. */
  readonly modelPk?: string;
  /** Each must occur in one of the event's texts, without regard to the case of ASCII letters. */
  readonly search?: readonly string[];
  /** Asks for what no event has. */
  readonly nothing?: true;
}

export type EventOrderField = 'id' | 'username' | 'action' | 'app' | 'context' | 'clientAddress' | 'createdAt';

export interface EventOrder {
  readonly field: EventOrderField;
  readonly descending: boolean;
}

/** Which part of a list; `last-page` where it shall begin at the last multiple of `limit`. */
export interface EventPage {
  readonly limit: number;
  readonly offset: number | 'last-page';
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

const COLUMNS: Readonly<Record<EventOrderField | 'principalId' | 'tokenId' | 'requestId', string>> = {
  id: 'id',
  createdAt: 'created_at',
  action: 'action',
  app: 'app',
  principalId: 'principal_id',
  username: 'username',
  tokenId: 'token_id',
  clientAddress: 'client_address',
  requestId: 'request_id',
  context: 'context',
};

const SELECTED = Object.entries(COLUMNS)
  .map(([property, column]) => `${column} AS "${property}"`)
  .join(', ');

/** What a search looks through. Under "C" `lower` knows ASCII alone, on every database. */
const SEARCHED = `lower(concat_ws(E'\\n', id::text, username, action, app, context, client_address) COLLATE "C")`;

/**
 * The statement that reads one page and how many events match in all: one statement, therefore one snapshot, so that both agree. A page
 * without events gives one row, of the total alone.
 */
export function listEventsStatement(
  filter: EventFilter,
  orders: readonly EventOrder[],
  { limit, offset }: EventPage,
): Statement {
  const { text: where, values } = whereClause(filter);
  const order = completed(orders);
  const size = `$${values.length + 1}::int`;
  const skipped =
    offset === 'last-page' ? `greatest(matching.total - 1, 0) / ${size} * ${size}` : `$${values.length + 2}::bigint`;
  return {
    text: `SELECT matching.total, page.*, p.number AS "principalNumber"
      FROM (SELECT count(*)::int AS total FROM events WHERE ${where}) matching
      LEFT JOIN LATERAL (
        SELECT ${SELECTED} FROM events WHERE ${where}
        ORDER BY ${orderClause(order, (field) => COLUMNS[field])} LIMIT ${size} OFFSET ${skipped}
      ) page ON true LEFT JOIN principals p ON p.id = page."principalId"
      ORDER BY ${orderClause(order, (field) => `page."${field}"`)}`,
    values: offset === 'last-page' ? [...values, limit] : [...values, limit, offset],
  };
}

/** The statement that reads one event, where it also passes the filter. */
export function findEventStatement(id: string, filter: EventFilter): Statement {
  const { text: where, values } = whereClause(filter);
  return {
    text: `SELECT event.*, p.number AS "principalNumber"
      FROM (SELECT ${SELECTED} FROM events WHERE id = $${values.length + 1}::uuid AND ${where}) event
      LEFT JOIN principals p ON p.id = event."principalId"`,
    values: [...values, id],
  };
}

/** Ends with the id, so that events of one moment keep one order over all pages. */
function completed(orders: readonly EventOrder[]): EventOrder[] {
  const terms: EventOrder[] = [];
  for (const order of [...orders, { field: 'id', descending: false } as const]) {
    if (!terms.some(({ field }) => field === order.field)) {
      terms.push(order);
    }
    if (order.field === 'id') {
      break;
    }
  }
  return terms;
}

function orderClause(orders: readonly EventOrder[], expression: (field: EventOrderField) => string): string {
  return orders.map(({ field, descending }) => expression(field) + (descending ? ' DESC' : '')).join(', ');
}

const EQUALS = {
  username: 'username',
  clientAddress: 'client_address',
  modelApp: 'model_app',
  modelName: 'model_name',
  modelPk: 'model_pk',
} as const;

function whereClause(filter: EventFilter): Statement {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions = filter.nothing === true ? ['false'] : ['true'];
  for (const [property, column] of Object.entries(EQUALS)) {
    const wanted = filter[property as keyof typeof EQUALS];
    if (wanted !== undefined) {
      conditions.push(`${column} = ${value(wanted)}`);
    }
  }
  if (filter.actions !== undefined) {
    conditions.push(`action = ANY(${value(filter.actions)}::text[])`);
  }
  if (filter.actionContains !== undefined) {
    conditions.push(`lower(action) LIKE ${value(containing(filter.actionContains))}`);
  }
  if (filter.search !== undefined) {
    // One parameter for all terms, so that their number does not make another statement.
    conditions.push(`${SEARCHED} LIKE ALL(${value(filter.search.map(containing))}::text[])`);
  }
  return { text: conditions.join(' AND '), values };
}

function containing(text: string): string {
  const folded = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return `%${folded.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
