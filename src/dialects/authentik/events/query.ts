import type { EventFilter, EventOrder, EventOrderField } from '../../../audit/index.ts';
import { invalidFields } from '../errors.ts';
import { choices, exactText, orderTerms, type Query, searchTerms } from '../query.ts';
import { EVENT_ACTION_NAMES } from './schemas.ts';

/** The filters that name something of authentik that no event has here. */
const OF_NOTHING = ['brand_name', 'context_authorized_app', 'context_device'] as const;

/**
 * The filters of a list of events, which act on a single one too (contract §4).
 *
 * @throws {Refusal} 400 that names each filter which is no action, or holds U+0000
 */
export function eventFilterOf(query: Query): EventFilter {
  const problems = new Map<string, string>();
  const text = (field: string) => exactText(query, field, problems);
  const texts = {
    username: text('username'),
    modelPk: text('context_model_pk').replaceAll('-', '').toLowerCase(),
    modelName: text('context_model_name'),
    modelApp: text('context_model_app'),
    actionContains: text('action'),
    clientAddress: text('client_ip').toLowerCase(),
  };
  const actions = choices(query, 'actions', EVENT_ACTION_NAMES, problems);
  const ofNothing = OF_NOTHING.map(text);
  if (problems.size > 0) {
    throw invalidFields(problems);
  }
  const search = searchTerms(query.last('search') ?? '');
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([, wanted]) => wanted !== '')),
    ...(actions.length === 0 ? {} : { actions }),
    ...(search.length === 0 ? {} : { search }),
    ...(ofNothing.every((wanted) => wanted === '') ? {} : { nothing: true }),
  };
}

const ORDER_FIELDS: Readonly<Record<string, EventOrderField>> = {
  pk: 'id',
  user: 'username',
  action: 'action',
  app: 'app',
  context: 'context',
  client_ip: 'clientAddress',
  created: 'createdAt',
  // All are kept equally long.
  expires: 'createdAt',
};

/** The order of a list of events: where none is left, the newest come first. */
export function eventOrdersOf(query: Query): EventOrder[] {
  const orders = orderTerms(query, ORDER_FIELDS);
  return orders.length === 0 ? [{ field: 'createdAt', descending: true }] : orders;
}
