import type { FastifyRequest } from 'fastify';
import type { KeypairFilter, Order, OrderField } from '../../keypairs/index.ts';
import { invalidFields, nullCharactersInSearch } from './errors.ts';
import { strip, WHITE_SPACE } from './python.ts';

/** The query string of a request. Of a repeated parameter the last counts, unless it is said otherwise. */
export class Query {
  static readonly #none = new URLSearchParams();
  readonly #parameters: URLSearchParams;

  constructor(request: FastifyRequest) {
    const url = request.raw.url ?? '';
    const mark = url.indexOf('?');
    this.#parameters = mark === -1 ? Query.#none : new URLSearchParams(url.slice(mark + 1));
  }

  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  last(name: string): string | undefined {
    return this.#parameters.getAll(name).at(-1);
  }

  all(name: string): readonly string[] {
    return this.#parameters.getAll(name);
  }
}

type CertificateKeyType = 'rsa' | 'ec' | 'dsa' | 'ed25519' | 'ed448';
export const CERTIFICATE_KEY_TYPES = ['rsa', 'ec', 'dsa', 'ed25519', 'ed448'] as const satisfies CertificateKeyType[];

/** What Django's form takes for a yes. A no filters nothing: it does not mean "without a key". */
const YES = new Set(['true', 'True', '2']);

/**
 * The filters of a list, which act on the routes of a single pair too (contract §1.2, §1.7).
 *
 * @throws {Refusal} 400 that names each filter which is a key type that is none, or holds U+0000
 */
export function filterOf(query: Query): KeypairFilter {
  const problems = new Map<string, string>();
  const name = exactText(query, 'name', problems);
  const managed = exactText(query, 'managed', problems);
  const types = keyTypes(query, problems);
  if (problems.size > 0) {
    throw invalidFields(problems);
  }
  const search = searchTerms(query.last('search') ?? '');
  return {
    ...(name === '' ? {} : { name }),
    ...(managed === '' ? {} : { managed }),
    ...(YES.has(query.last('has_key') ?? '') ? { hasPrivateKey: true } : {}),
    ...(types.length === 0 ? {} : { keyTypes: types }),
    ...(search.length === 0 ? {} : { search }),
  };
}

const ORDER_FIELDS: Readonly<Record<string, OrderField>> = {
  pk: 'id',
  name: 'name',
  fingerprint_sha256: 'fingerprintSha256',
  fingerprint_sha1: 'fingerprintSha1',
  cert_expiry: 'notAfter',
  cert_subject: 'subject',
  key_type: 'keyType',
  managed: 'managed',
};

/** The order of a list: where none is left the name decides. */
export function ordersOf(query: Query): Order[] {
  const orders = orderTerms(query, ORDER_FIELDS);
  return orders.length === 0 ? [{ field: 'name', descending: false }] : orders;
}

/**
 * The terms of `ordering`, of which what is no field is passed over (contract §1.7), and a field that stands there already: it orders
 * nothing more, and a thousand joins for the same one keep the database busy.
 */
export function orderTerms<Field>(query: Query, fields: Readonly<Record<string, Field>>) {
  const orders = new Map<Field, { readonly field: Field; readonly descending: boolean }>();
  for (const written of (query.last('ordering') ?? '').split(',')) {
    const term = strip(written);
    const descending = term.startsWith('-');
    const name = descending ? term.slice(1) : term;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined && !orders.has(field)) {
      orders.set(field, { field, descending });
    }
  }
  return [...orders.values()];
}

/** 2024's `include_details`: absent or `true`, in any letter case, shows them. */
export function wantsDetails(query: Query): boolean {
  return (query.last('include_details') ?? 'true').toLowerCase() === 'true';
}

/** A filter's text, trimmed; U+0000 in it is a problem. */
export function exactText(query: Query, field: string, problems: Map<string, string>): string {
  const text = query.last(field) ?? '';
  if (text.includes('\0')) {
    problems.set(field, 'Null characters are not allowed.');
  }
  return strip(text);
}

function keyTypes(query: Query, problems: Map<string, string>): CertificateKeyType[] {
  return choices(query, 'key_type', CERTIFICATE_KEY_TYPES, problems);
}

/** A filter that may be repeated; the first that is none of the choices is a problem. */
export function choices<Choice extends string>(
  query: Query,
  field: string,
  available: readonly Choice[],
  problems: Map<string, string>,
): Choice[] {
  const wanted = query.all(field);
  const isChoice = (text: string): text is Choice => (available as readonly string[]).includes(text);
  const wrong = wanted.find((text) => !isChoice(text));
  if (wrong !== undefined) {
    problems.set(field, `Select a valid choice. ${wrong} is not one of the available choices.`);
  }
  return wanted.filter(isChoice);
}

/** Words with quoted parts in them, which keep their blanks; else anything without blanks. No backslash escapes a line feed. */
const WORD = wordPattern(WHITE_SPACE.source.slice(1, -1));

function wordPattern(blanks: string): RegExp {
  const plain = `[^${blanks}'"]*`;
  const quoted = String.raw`(?:"(?:[^"\\]|\\[^\n])*"|'(?:[^'\\]|\\[^\n])*')`;
  return new RegExp(`${plain}(?:${quoted}${plain})+|[^${blanks}]+`, 'g');
}

/** Splitting takes quadratic time where quotes are left open. No name has as many characters. */
const MAX_SEARCH = 2048;

/** The terms of a search, each of which must occur: split at blanks and commas, except inside quotes (contract §1.7). */
export function searchTerms(search: string): string[] {
  if (search.includes('\0')) {
    throw nullCharactersInSearch();
  }
  if (search.length > MAX_SEARCH) {
    throw invalidFields(new Map([['search', `Ensure this value has at most ${MAX_SEARCH} characters.`]]));
  }
  const terms = (search.match(WORD) ?? []).flatMap((word) => {
    const term = strip(word, /,/);
    const quote = term.charAt(0);
    if ((quote === '"' || quote === "'") && term.endsWith(quote)) {
      return [term.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\')];
    }
    return term.split(',').flatMap((part) => (part === '' ? [] : [strip(part)]));
  });
  return [...new Set(terms)];
}
