import type { FastifyRequest } from 'fastify';
import { maskSecrets } from '../../http/index.ts';
import { unsupportedParams } from './errors.ts';

/** A query has room for thousands. */
const MAX_TOLD = 20;
/** In characters. */
const MAX_NAME = 64;

/**
 * Refuses every parameter of a query that the operation does not know (contract §3.3, §3.6).
 *
 * @param except those that it knows
 * @throws {Problem} 6, naming them, and nothing of their values
 */
export function refuseParameters(request: FastifyRequest, except: readonly string[] = []): void {
  const unknown = Object.keys(request.query as object).filter((name) => !except.includes(name));
  if (unknown.length > 0) {
    throw unsupportedParams(
      unknown.slice(0, MAX_TOLD).map((name) => ({ name: shown(name), reason: 'not supported by this operation' })),
    );
  }
}

/** A name as it can be shown anywhere: no secret that somebody took for one, and what is not printable ASCII as `\u{…}`. */
function shown(name: string): string {
  const characters = Array.from(maskSecrets(name));
  const kept = characters.slice(0, MAX_NAME).join('');
  const printable = kept.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return characters.length > MAX_NAME ? `${printable}…` : printable;
}
