import { isDeepStrictEqual } from 'node:util';
import { componentName, type OpenApiDocument, type Schema } from '../support/contract/document.ts';

/** A schema with the document that its references lead into. */
export interface SchemaIn {
  readonly schema: Schema;
  readonly document: OpenApiDocument;
}

/**
 * Where our schema does not say what the original's says: type, format, nullable, enum, items, properties and which of them are required. We
 * may list more properties, and alternatives besides the original's.
 *
 * @param place how the messages call what is compared
 */
export function schemaDifferences(theirs: SchemaIn, ours: SchemaIn, place: string): string[] {
  const wanted = resolved(theirs);
  const got = resolved(ours);
  if (got.anyOf !== undefined && wanted.anyOf === undefined) {
    const each = got.anyOf.map((schema) => schemaDifferences(theirs, { ...ours, schema }, place));
    return each.find((differences) => differences.length === 0) ?? each.flat();
  }
  const inside = (schema: Schema) => ({ theirs: { ...theirs, schema }, ours: { ...ours, schema: got.items ?? {} } });
  const items = wanted.items && inside(wanted.items);
  return [
    ...factDifferences(wanted, got, place),
    ...(items === undefined ? [] : schemaDifferences(items.theirs, items.ours, `${place}[]`)),
    ...propertyDifferences({ ...theirs, schema: wanted }, { ...ours, schema: got }, place),
  ];
}

function factDifferences(wanted: Schema, got: Schema, place: string): string[] {
  const facts = ({ type, format, nullable, enum: values, additionalProperties }: Schema) => ({
    type,
    format,
    nullable: nullable ?? false,
    enum: values?.toSorted(),
    ...(wanted.additionalProperties === undefined ? {} : { additionalProperties }),
  });
  const [theirs, ours] = [facts(wanted), facts(got)];
  return isDeepStrictEqual(theirs, ours)
    ? []
    : [`${place} is ${JSON.stringify(theirs)} in authentik, ${JSON.stringify(ours)} here`];
}

function propertyDifferences(theirs: SchemaIn, ours: SchemaIn, place: string): string[] {
  return Object.entries(theirs.schema.properties ?? {}).flatMap(([name, schema]) => {
    const ownSchema = ours.schema.properties?.[name];
    if (ownSchema === undefined) {
      return [`${place}.${name} is missing here`];
    }
    const [wanted, got] = [theirs, ours].map((side) => side.schema.required?.includes(name) ?? false);
    return [
      ...(wanted === got ? [] : [`${place}.${name} is required: ${wanted} in authentik, ${got} here`]),
      ...schemaDifferences({ ...theirs, schema }, { ...ours, schema: ownSchema }, `${place}.${name}`),
    ];
  });
}

/** A schema without its reference, or the one of an `allOf` that only stands there to have something beside it. */
function resolved({ schema, document }: SchemaIn): Schema {
  const { $ref: reference, allOf, ...rest } = schema;
  if (reference !== undefined) {
    const component = document.components.schemas[componentName(reference)];
    return component === undefined ? {} : resolved({ schema: component, document });
  }
  return Object.assign({}, ...(allOf ?? []).map((part) => resolved({ schema: part, document })), rest);
}
