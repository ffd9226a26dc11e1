import { parseInstant, type TokenFilter, type TokenOrder, type TokenOrderField } from '../../../access/index.ts';
import { invalidFields } from '../errors.ts';
import { exactText, orderTerms, type Query, searchTerms } from '../query.ts';
import { INTENTS } from './schemas.ts';

const INTENT = 'api';

/** What Django's form takes for a yes and a no, whatever the case; anything else filters nothing. */
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/**
 * The filters of a list, which act on the routes of a single token too.
 *
 * @returns `nothing` where no token can pass, because it would have to be of another intent, or managed
 * @throws {Refusal} 400 that names each filter which is not sound
 */
export function tokenFilterOf(query: Query): TokenFilter | 'nothing' {
  const problems = new Map<string, string>();
  const text = (field: string) => exactText(query, field, problems) || undefined;
  const filter = {
    identifier: text('identifier'),
    username: text('user__username'),
    description: text('description'),
    expiresAt: instant(query, problems),
    expiring: booleanOf(query.last('expiring') ?? ''),
  };
  const managed = text('managed');
  const intent = intentOf(query, problems);
  if (problems.size > 0) {
    throw invalidFields(problems);
  }
  // Every token is of the one intent, whose name a search looks into too.
  const search = searchTerms(query.last('search') ?? '').filter((term) => !INTENT.includes(term.toLowerCase()));
  return managed !== undefined || (intent !== '' && intent !== INTENT) ? 'nothing' : { ...filter, search };
}

const ORDER_FIELDS: Readonly<Record<string, TokenOrderField>> = {
  pk: 'id',
  identifier: 'identifier',
  user: 'owner',
  description: 'description',
  expires: 'expiresAt',
};

/** The order of a list; where nothing that is known is asked for, by identifier, which has no equals. */
export function tokenOrdersOf(query: Query): TokenOrder[] {
  return orderTerms(query, ORDER_FIELDS);
}

function booleanOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return Object.hasOwn(BOOLEANS, lower) ? BOOLEANS[lower] : undefined;
}

function instant(query: Query, problems: Map<string, string>): Date | undefined {
  const text = exactText(query, 'expires', problems);
  const parsed = text === '' ? undefined : parseInstant(text);
  if (text !== '' && parsed === undefined) {
    problems.set('expires', 'Enter a valid date/time.');
  }
  return parsed;
}

function intentOf(query: Query, problems: Map<string, string>): string {
  const intent = query.last('intent') ?? '';
  if (intent !== '' && !(INTENTS as readonly string[]).includes(intent)) {
    problems.set('intent', `Select a valid choice. ${intent} is not one of the available choices.`);
  }
  return intent;
}
