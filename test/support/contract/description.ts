import { parse } from 'yaml';
import { type Answer, mediaTypeOf, methodOf, segmentsOf } from './answer.ts';
import type { DescribedBody, OpenApiDocument, PathItem } from './document.ts';
import type { TranslationOptions } from './json-schema.ts';
import { type FindBreaches, validators } from './validators.ts';

/** A path as a document writes it, and what it says there. */
export interface DescribedPath {
  readonly template: string;
  readonly item: PathItem;
}

/** An OpenAPI document as something to hold answers against. */
export class Description {
  readonly #paths: readonly DescribedPath[];
  readonly #findBreaches: FindBreaches;

  constructor(document: OpenApiDocument, options: TranslationOptions) {
    this.#paths = Object.entries(document.paths)
      .map(([template, item]) => ({ template, item }))
      // A path with fewer parameters is meant where two match, and of these the longer one, which says more.
      .sort(
        (left, right) =>
          parameterCount(left.template) - parameterCount(right.template) ||
          right.template.length - left.template.length,
      );
    this.#findBreaches = validators(document, options);
  }

  /** What is described at the path of an answer. */
  pathOf(answer: Answer): DescribedPath | undefined {
    const segments = segmentsOf(answer.url);
    return segments && this.#paths.find(({ template }) => matches(template.split('/'), segments, idOf(template)));
  }

  /** What an answer breaks of the description of its status. */
  breaches(answer: Answer, described: DescribedBody): string[] {
    const hasBody = methodOf(answer) !== 'head';
    if (described.content === undefined) {
      return hasBody && answer.body.byteLength > 0 ? ['has a body, where none is described'] : [];
    }
    const mediaType = mediaTypeOf(answer);
    const schema = described.content[mediaType]?.schema;
    if (schema === undefined) {
      return [`has the media type "${mediaType}", where ${Object.keys(described.content).join(', ')} is described`];
    }
    if (!hasBody) {
      return [];
    }
    const read = readBody(answer);
    return 'unreadable' in read ? [read.unreadable] : this.#findBreaches(schema, read.value);
  }
}

function parameterCount(template: string): number {
  return template.split('/').filter(isParameter).length;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

/** What the router of a path's dialect takes for an id, which OpenAPI has no words for: authentik's (contract §1.8), and what no action follows. */
function idOf(template: string): RegExp {
  return template.startsWith('/api/') ? /^[^/.]+$/ : /^[^/:]+$/;
}

function matches(template: readonly string[], segments: readonly string[], id: RegExp): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => {
      const segment = segments[index] ?? '';
      return isParameter(part) ? matchesParameter(part, segment, id) : part === segment;
    })
  );
}

/** A parameter may have an action behind it: `{id}:export`. */
function matchesParameter(part: string, segment: string, id: RegExp): boolean {
  const behind = part.slice(part.indexOf('}') + 1);
  const value = segment.slice(0, segment.length - behind.length);
  return segment.endsWith(behind) && id.test(value);
}

function readBody(answer: Answer): { readonly value: unknown } | { readonly unreadable: string } {
  const mediaType = mediaTypeOf(answer);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.body);
    if (mediaType.endsWith('json')) {
      return { value: JSON.parse(text) };
    }
    return { value: /yaml|openapi/.test(mediaType) ? parse(text) : text };
  } catch {
    return { unreadable: `has a body that is no ${mediaType}` };
  }
}
