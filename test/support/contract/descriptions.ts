import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Description } from './description.ts';
import type { OpenApiDocument } from './document.ts';

/** The two descriptions that answers are held against; read and compiled once, when the first answer is. */

export const PREFIX = '/api/v3';

/** Our own `openapi.yaml`: what it doesn't name, no answer may hold. */
export const ours = once(() => new Description(ownDocument(), { hasOpenObjects: false }));

/** What authentik's schema says of the same paths, with our prefix. Its objects are open, as OpenAPI's are. */
export const authentiks = once(() => new Description(withPrefix(authentikDocument()), { hasOpenObjects: true }));

export function ownDocument(): OpenApiDocument {
  return parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8')) as OpenApiDocument;
}

export function authentikDocument(): OpenApiDocument {
  const extract = new URL('../../contracts/authentik-2026.8.3.json', import.meta.url);
  return JSON.parse(readFileSync(extract, 'utf8')) as OpenApiDocument;
}

function withPrefix(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => [PREFIX + path, item]);
  return { ...document, paths: Object.fromEntries(paths) };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
