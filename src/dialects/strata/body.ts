import { TextDecoder } from 'node:util';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { isJsonType, isOfUtf8, wordIssue } from '../../http/index.ts';
import { type FieldProblem, invalidObject, Refusal } from './errors.ts';
import { containerInQuery } from './query.ts';
import { CONTAINER_KINDS, type Container } from './tenancy.ts';

/** A list can have hundreds of thousands of entries, and one is enough to find the mistake. */
const MAX_PROBLEMS = 100;

/**
 * The JSON object of a request's body, as a schema reads it. Fields that the schema does not know are passed over (contract §4), and a
 * container without a name is none.
 *
 * @throws {Refusal} 400 for an absent body, for what is no JSON, and naming every field that is not as it should be; no value is in it
 */
export function readBody<Schema extends z.ZodObject>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(withoutEmptyContainers(readJson(request)), { error: wordIssue });
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, MAX_PROBLEMS);
    throw invalidObject(issues.map(({ path, message }) => ({ field: nameOf(path), text: message })));
  }
  const unstorable = unstorableTexts(parsed.data, []);
  if (unstorable.length > 0) {
    throw invalidObject(unstorable);
  }
  return parsed.data;
}

/**
 * The one container that query and body name (contract §4): in either, or the same in both.
 *
 * @throws {Refusal} 400 for none, for several, and for two that differ
 */
export function containerOf(
  request: FastifyRequest,
  body: { readonly [Kind in Container['kind']]?: string | undefined },
): Container {
  const inBody = CONTAINER_KINDS.flatMap((kind) => (body[kind] === undefined ? [] : [{ kind, name: body[kind] }]));
  const inQuery = containerInQuery(request);
  const [container = inQuery, other] = inBody;
  if (container === undefined) {
    throw invalidObject([{ field: 'folder', text: 'one of folder, snippet and device is required' }]);
  }
  if (other !== undefined) {
    throw invalidObject([{ field: other.kind, text: `only one of folder, snippet and device may be given` }]);
  }
  if (inQuery !== undefined && (inQuery.kind !== container.kind || inQuery.name !== container.name)) {
    throw invalidObject([{ field: container.kind, text: 'is another container than that of the query' }]);
  }
  return container;
}

function readJson(request: FastifyRequest): unknown {
  const { body, contentType } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new Refusal('Missing Body', ['a JSON object is required']);
  }
  if (!isJsonType(contentType)) {
    throw notJson('Content-Type must be application/json');
  }
  if (!isOfUtf8(contentType)) {
    throw notJson('the body must be UTF-8');
  }
  const text = textOf(body);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notJson('the body is not JSON');
  }
}

/** A byte order mark, which RFC 8259 §8.1 lets be passed over, is none of it. */
function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw notJson('the body is not UTF-8');
  }
}

function notJson(text: string): Refusal {
  return new Refusal('Input Format Mismatch', [text], { about: 'input-format=json' });
}

function withoutEmptyContainers(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return json;
  }
  const isEmpty = ([name, value]: readonly [string, unknown]) =>
    value === '' && CONTAINER_KINDS.some((kind) => kind === name);
  return Object.fromEntries(Object.entries(json).filter((entry) => !isEmpty(entry)));
}

/** Every text with U+0000 or half a surrogate pair in it, which no database stores and no certificate holds. */
function unstorableTexts(value: unknown, path: readonly (string | number)[]): FieldProblem[] {
  if (typeof value === 'string') {
    const isStorable = !/\p{Surrogate}/u.test(value) && !value.includes('\0');
    return isStorable ? [] : [{ field: nameOf(path), text: 'must be Unicode text without U+0000' }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => unstorableTexts(item, [...path, index]));
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, item]) => unstorableTexts(item, [...path, name]))
    : [];
}

/** `algorithm.rsa_number_of_bits`, `hostname[1]`. */
function nameOf(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
  return name === '' ? 'body' : name;
}
