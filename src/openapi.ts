import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { version } from './version.ts';

/** How the routes' zod schemas become one OpenAPI document. */
export const openapiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.0.3',
    info: {
      title: 'Certkeep',
      version,
      description: 'Keeps certificates and their private keys, behind the APIs that existing clients already speak.',
      license: { name: 'MIT' },
    },
    components: {
      securitySchemes: {
        authentik: { type: 'http', scheme: 'bearer' },
        scmToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        scmClient: { type: 'http', scheme: 'basic' },
        astraToken: { type: 'http', scheme: 'bearer' },
      },
    },
    security: [{ authentik: [] }],
    tags: [
      { name: 'crypto', description: 'Certificate-key pairs' },
      { name: 'events', description: 'Who did and who saw what' },
      { name: 'core', description: 'Tokens' },
      { name: 'strata', description: "Strata Cloud Manager's certificates, and the tokens for them" },
      { name: 'astra', description: "Astra Control's trusted certificates" },
      { name: 'root', description: 'What clients ask first' },
    ],
  },
  transform: jsonSchemaTransform,
  transformObject: (document) => tidy(jsonSchemaTransformObject(document)),
};

const REFERENCE = /"#\/components\/schemas\/(\w+)"/g;

/**
 * The transform writes every schema twice, as what is sent and (`…Input`) as what is received. This drops what no operation refers
 * to, and the suffix where only one of the two is left.
 */
function tidy<Document extends object>(document: Document): Document {
  const { paths, components } = document as unknown as OpenApiParts;
  const reached = reach(JSON.stringify(paths), components.schemas);
  const finalName = (name: string) => {
    const base = name.replace(/Input$/, '');
    return reached.has(base) ? name : base;
  };
  const rename = <T>(part: T): T =>
    JSON.parse(
      JSON.stringify(part).replaceAll(REFERENCE, (_whole, name: string) => `"#/components/schemas/${finalName(name)}"`),
    ) as T;
  const schemas = [...reached].sort().map((name) => [finalName(name), rename(components.schemas[name])]);
  const finalPaths = rename(paths);
  for (const { patch } of Object.values(finalPaths)) {
    // The plugin calls every body required, but a PATCH without one changes nothing.
    if (patch?.requestBody !== undefined) {
      patch.requestBody.required = false;
    }
  }
  return {
    ...document,
    paths: finalPaths,
    components: { ...components, schemas: Object.fromEntries(schemas) },
  };
}

type Paths = Readonly<Record<string, Readonly<Record<string, { requestBody?: { required?: boolean } }>>>>;

interface OpenApiParts {
  readonly paths: Paths;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

function reach(text: string, schemas: Readonly<Record<string, unknown>>, reached = new Set<string>()): Set<string> {
  for (const [, name = ''] of text.matchAll(REFERENCE)) {
    if (!reached.has(name)) {
      reached.add(name);
      reach(JSON.stringify(schemas[name] ?? {}), schemas, reached);
    }
  }
  return reached;
}
