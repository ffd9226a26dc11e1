import { TextDecoder } from 'node:util';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { maskSecrets, wordIssue } from '../../http/index.ts';
import { Problem, schemaFailure } from './errors.ts';
import { firstFailure } from './failure.ts';

/**
 * The JSON object of a request's body, as a schema reads it.
 *
 * @throws {Problem} 7 for an absent body and for what is no JSON in UTF-8; 8 naming the first field that is not as it should be, and
 *   no value (contract §6)
 */
export function readBody<Schema extends z.ZodObject>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  const { data, error } = schema.safeParse(readJson(request.body), { error: wordIssue });
  if (error !== undefined) {
    const { path, rule } = firstFailure(error);
    throw schemaFailure(`${pathOf(path)}: ${rule}`);
  }
  return data;
}

function readJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) {
    throw new Problem(7);
  }
  try {
    // A byte order mark may be passed over (RFC 8259 §8.1), which the decoder does.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch (cause) {
    throw new Problem(7, { reasons: { body: cause instanceof SyntaxError ? 'no JSON' : 'no UTF-8' } });
  }
}

/** `metadata.labels[1].name`. */
function pathOf(path: readonly PropertyKey[]): string {
  const steps = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${shorten(String(part))}`));
  return steps.length === 0 ? 'body' : steps.join('').replace(/^\./, '');
}

const MAX_SHOWN = 64;

/** What a client made up, and may have put anything into. */
function shorten(name: string): string {
  const characters = Array.from(maskSecrets(name).slice(0, 2 * (MAX_SHOWN + 1)));
  return characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join('')}…` : characters.join('');
}
