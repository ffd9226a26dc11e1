import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { OpenApiDocument, Schema } from './document.ts';
import { type TranslationOptions, toJsonSchema } from './json-schema.ts';

/** What a value breaks of a schema, in words; nothing where it holds. */
export type FindBreaches = (schema: Schema, value: unknown) => string[];

/**
 * Validates values by the schemas of a document. Each schema is compiled when it is first asked for.
 *
 * @throws where a schema says what Ajv does not know or what contradicts itself
 */
export function validators(document: OpenApiDocument, options: TranslationOptions): FindBreaches {
  const ajv = new Ajv({ strict: true, allErrors: true });
  // 'int32' and the like are numbers to JSON; 'uuid' and 'date-time' are narrower below.
  ajvFormats.default(ajv, ['int32', 'int64', 'float', 'double', 'uri', 'email']);
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  ajv.addFormat('date-time', isDateTime);
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    ajv.addSchema(toJsonSchema(schema, options), name);
  }
  const compiled = new WeakMap<Schema, ReturnType<typeof ajv.compile>>();
  return (schema, value) => {
    const validate = compiled.get(schema) ?? ajv.compile(toJsonSchema(schema, options));
    compiled.set(schema, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(inWords);
  };
}

/** RFC 3339 with the `T` that it lets applications replace: clients' parsers do not. Ajv's own takes a blank and `urn:uuid:` too. */
function isDateTime(text: string): boolean {
  const [, date = '', time = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const instant = Date.parse(`${date}T${time}Z`);
  // A day that its month lacks is read as one of the next month.
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(`${date}T${time}`);
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  return `body${instancePath} ${message} ${JSON.stringify(params)}`;
}
