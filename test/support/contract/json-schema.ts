import { componentName, type Schema } from './document.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface TranslationOptions {
  /** Whether an object that lists its properties may hold others, where its schema doesn't say. */
  readonly hasOpenObjects: boolean;
}

/**
 * A schema of OpenAPI 3.0 as JSON Schema. Components are referred to by their names alone.
 *
 * @throws where closing an object would forbid what another part of its `allOf` lists
 */
export function toJsonSchema(schema: Schema, options: TranslationOptions): JsonSchema {
  if (schema.$ref !== undefined) {
    // What stands beside a reference has no meaning in OpenAPI 3.0.
    return { $ref: componentName(schema.$ref) };
  }
  const { nullable, properties, items, additionalProperties, allOf, anyOf, oneOf, ...rest } = schema;
  const translate = (part: Schema) => toJsonSchema(part, options);
  const parts = { allOf, anyOf, oneOf };
  const translated: JsonSchema = {
    ...rest,
    ...(items === undefined ? {} : { items: translate(items) }),
    ...(properties === undefined ? {} : { properties: mapValues(properties, translate) }),
    ...additional(schema, options),
    ...mapValues(withoutAbsent(parts), (alternatives) => alternatives.map(translate)),
  };
  if ((allOf ?? []).length > 1 && !options.hasOpenObjects) {
    throw new Error('an allOf of several schemas can not be closed part by part');
  }
  // The letter of 3.0.3 gives `nullable` a meaning only beside `type`; beside `allOf`, generators and their clients mean the same.
  return nullable === true ? { anyOf: [{ type: 'null' }, translated] } : translated;
}

function additional({ properties, additionalProperties }: Schema, options: TranslationOptions): JsonSchema {
  if (typeof additionalProperties === 'object') {
    return { additionalProperties: toJsonSchema(additionalProperties, options) };
  }
  if (additionalProperties !== undefined) {
    return { additionalProperties };
  }
  return properties === undefined || options.hasOpenObjects ? {} : { additionalProperties: false };
}

function mapValues<From, To>(members: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}

function withoutAbsent<Value>(members: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
