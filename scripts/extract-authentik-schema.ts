import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/**
 * Writes `test/contracts/authentik-<version>.json` from the `schema.yml` in the Rust crate of authentik's client: what a program needs to
 * know of the operations that we answer too, without prose.
 *
 *     npx tsx scripts/extract-authentik-schema.ts <schema.yml>
 */

const PATHS =
  /^\/(crypto\/|root\/config\/|schema\/|events\/events\/(\{event_uuid\}\/)?$|core\/tokens\/(\{identifier\}\/)?$)/;
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** Of a schema: facts, then what is left out. A keyword in neither list ends the run, so that nothing is lost unnoticed. */
const PLAIN_KEYWORDS = [
  'type',
  'format',
  'nullable',
  'enum',
  'default',
  'minLength',
  'maxLength',
  'pattern',
  'required',
  'readOnly',
  'writeOnly',
];
const PROSE = ['title', 'description'];

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject {
  [name: string]: Json | undefined;
}

const [source] = process.argv.slice(2);
if (source === undefined) {
  throw new Error('usage: extract-authentik-schema.ts <schema.yml>');
}
const original = parse(await readFile(source, 'utf8')) as JsonObject;
const version = String(object(original['info'])['version']);
const target = fileURLToPath(new URL(`../test/contracts/authentik-${version}.json`, import.meta.url));
await writeFile(target, JSON.stringify(extract()));
execFileSync('npx', ['biome', 'format', '--write', target], { stdio: ['ignore', 'ignore', 'inherit'] });

function extract(): JsonObject {
  const paths = mapValues(
    sorted(object(original['paths']), (path) => PATHS.test(path)),
    pathFacts,
  );
  return {
    version,
    source: `schema.yml of the Rust crate authentik-client ${version}`,
    license: 'MIT',
    openapi: original['openapi'],
    servers: original['servers'],
    paths,
    components: { schemas: reachedSchemas(paths) },
  };
}

function pathFacts(path: JsonObject): JsonObject {
  const unknown = Object.keys(path).filter((method) => !METHODS.includes(method));
  if (unknown.length > 0) {
    throw new Error(`a path says ${unknown}, which this script does not know`);
  }
  const methods = METHODS.filter((method) => path[method] !== undefined);
  return Object.fromEntries(methods.map((method) => [method, operationFacts(object(path[method]))]));
}

function operationFacts(operation: JsonObject): JsonObject {
  const { operationId, parameters, requestBody, responses } = operation;
  return {
    operationId,
    parameters: list(parameters)
      .map((parameter) => parameterFacts(resolved(parameter)))
      .sort((left, right) => compareText(`${left['in']} ${left['name']}`, `${right['in']} ${right['name']}`)),
    ...(requestBody === undefined ? {} : { requestBody: bodyFacts(resolved(requestBody)) }),
    responses: mapValues(object(responses), (response) => contentFacts(resolved(response))),
  };
}

/** Absent, `required` means false: said aloud, it can be compared. */
function parameterFacts({ name, in: place, required, schema }: JsonObject): JsonObject {
  return { name, in: place, required: required ?? false, schema: schemaFacts(object(schema)) };
}

function bodyFacts(body: JsonObject): JsonObject {
  return { required: body['required'] ?? false, ...contentFacts(body) };
}

function contentFacts({ content }: JsonObject): JsonObject {
  const facts = (media: JsonObject) => ({ schema: schemaFacts(object(media['schema'])) });
  return content === undefined ? {} : { content: mapValues(object(content), facts) };
}

function schemaFacts(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !PROSE.includes(keyword))
      .map(([keyword, value]) => [keyword, keywordFacts(keyword, value)]),
  );
}

function keywordFacts(keyword: string, value: Json | undefined): Json | undefined {
  switch (keyword) {
    case 'properties':
      return mapValues(object(value), schemaFacts);
    case 'items':
      return schemaFacts(object(value));
    case 'additionalProperties':
      return typeof value === 'boolean' ? value : schemaFacts(object(value));
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return list(value).map((part) => schemaFacts(object(part)));
    case '$ref':
      return value;
    default:
      if (!PLAIN_KEYWORDS.includes(keyword)) {
        throw new Error(`a schema says ${keyword}, which this script does not know`);
      }
      return value;
  }
}

/** The schemas that a part of the description refers to, by way of others too. */
function reachedSchemas(part: JsonObject): JsonObject {
  const all = object(object(original['components'])['schemas']);
  const reached: JsonObject = {};
  const waiting: Json[] = [part];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [, name = ''] of JSON.stringify(next).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (reached[name] === undefined) {
        const facts = schemaFacts(object(all[name]));
        reached[name] = facts;
        waiting.push(facts);
      }
    }
  }
  return sorted(reached);
}

/** What a `$ref` of parameters, bodies and responses leads to. */
function resolved(part: Json | undefined): JsonObject {
  const { $ref: reference } = object(part);
  if (reference === undefined) {
    return object(part);
  }
  const steps = String(reference).replace('#/', '').split('/');
  return steps.reduce((place, step) => object(place[step]), original);
}

function object(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  }
  return value;
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function sorted(members: JsonObject, isWanted: (name: string) => boolean = () => true): JsonObject {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([name]) => isWanted(name))
      .sort(([left], [right]) => compareText(left, right)),
  );
}

/** By code units: the order of a language would differ between machines. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function mapValues(members: JsonObject, change: (value: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(object(value))]));
}
