import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { maskSecrets, REDACTED } from './masking.ts';
import { isSecretField } from './secret-fields.ts';

const UUID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;
/** More of a query tell nothing that is worth the room. */
const MAX_SHOWN = 20;

/**
 * Gives the log a request's target: of the path what stands in some route, ids, and parameters that the route declares; of the query
 * the declared parameters. Whatever else clients put there may be a secret that they put there by mistake.
 */
export class LoggedUrls {
  /** The parts of the routes' paths. */
  readonly #words = new Set<string>();

  /** Learns the routes of an app; to be called before they are added. */
  learn(app: FastifyInstance): void {
    app.addHook('onRoute', ({ url }) => {
      for (const part of url.split(/[/:]/)) {
        if (/^[\w.-]+$/.test(part)) {
          this.#words.add(part);
        }
      }
    });
  }

  /** @returns the path and the query as the log may show them */
  of(request: FastifyRequest): string {
    const [path = '', ...rest] = request.url.split('?');
    const schema = request.routeOptions.schema;
    const declared = new Set(shownParameters(schema?.params, (request.params ?? {}) as Record<string, unknown>));
    const isShown = (part: string) => this.#words.has(part) || UUID.test(part) || declared.has(part);
    // Also in front of an action: `certificates:import`.
    const shownPath = path.replaceAll(/[^/:]+/g, (part) => (isShown(part) ? part : REDACTED));
    return rest.length === 0 ? shownPath : `${shownPath}?${shownQuery(rest.join('?'), schema?.querystring)}`;
  }
}

function shownQuery(query: string, schema: unknown): string {
  const pairs = query.split('&');
  const shown = pairs.slice(0, MAX_SHOWN).map((pair) => {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    const field = fieldOf(schema, name);
    if (equals === -1 || field === undefined) {
      return field === undefined ? REDACTED : name;
    }
    const value = pair.slice(equals + 1);
    return `${name}=${isSecretField(field) || holdsSecret(value) ? REDACTED : value}`;
  });
  return [...shown, ...(pairs.length > MAX_SHOWN ? ['…'] : [])].join('&');
}

function shownParameters(schema: unknown, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const field = fieldOf(schema, name);
    // An id that is none may be anything.
    const isShown = field !== undefined && !isSecretField(field) && z.globalRegistry.get(field)?.['format'] !== 'uuid';
    return isShown && typeof value === 'string' ? [value, encodeURIComponent(value)] : [];
  });
}

function fieldOf(schema: unknown, name: string): z.core.$ZodType | undefined {
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
}

function holdsSecret(value: string): boolean {
  try {
    const text = decodeURIComponent(value.replaceAll('+', ' '));
    return maskSecrets(text) !== text;
  } catch {
    return true;
  }
}
