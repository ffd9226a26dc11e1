import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type FieldProblem, invalidObject, Refusal } from './errors.ts';
import { containerInQuery } from './query.ts';
import { CONTAINER_KINDS, type Container } from './tenancy.ts';

/** A list can have hundreds of thousands of entries, and one is enough to find the mistake. */
const MAX_PROBLEMS = 100;

/**
 * The JSON object of a request's body, as a schema reads it. Fields that the schema does not know are passed over (contract §4).
 *
 * @throws {Refusal} 400 for an absent body, for what is no JSON, and naming every field that is not as it should be
 */
export function readBody<Schema extends z.ZodObject>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(readJson(request));
  if (!parsed.success) {
    throw invalidObject(parsed.error.issues.slice(0, MAX_PROBLEMS).map(problemOf));
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
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new Refusal('Missing Body', ['a JSON object is required']);
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new Refusal('Input Format Mismatch', ['the body is not JSON'], { about: 'input-format=json' });
  }
}

function problemOf({ path, message }: z.core.$ZodIssue): FieldProblem {
  const field = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
  return { field: field === '' ? 'body' : field, text: message };
}
