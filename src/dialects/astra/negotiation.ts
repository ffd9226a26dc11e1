import type { FastifyRequest } from 'fastify';
import { acceptedRanges, isJsonType, isOfUtf8, qualityOf } from '../../http/index.ts';
import { invalidHeader, Problem } from './errors.ts';

const JSON_TYPE = 'application/json';
const SOME_JSON = /^application\/[^/]+\+json$/;

/**
 * The media type in which a resource is answered (contract §1): JSON, unless its own type is asked for. Where neither is, the type of any other
 * resource will do for JSON: clients of the real system name those too.
 *
 * @param own the resource's, in lower case: `application/astra-certificate+json`
 * @throws {Problem} 32 where the Accept header leaves out both
 */
export function answerTypeOf(request: FastifyRequest, own: string): string {
  const ranges = acceptedRanges(request.headers.accept);
  const [ownQuality, jsonQuality] = [qualityOf(own, ranges) ?? 0, qualityOf(JSON_TYPE, ranges)];
  const isOwnNamed = ranges.some(({ range }) => range === own);
  if (ownQuality > 0 && (isOwnNamed ? ownQuality >= (jsonQuality ?? 0) : jsonQuality === 0)) {
    return own;
  }
  const isOtherNamed = ranges.some(({ range, quality }) => SOME_JSON.test(range) && quality > 0);
  if ((jsonQuality ?? (isOtherNamed ? 1 : 0)) > 0) {
    return JSON_TYPE;
  }
  throw new Problem(32);
}

/**
 * Lets through bodies that say to be JSON, of any kind, and those that say nothing: clients name the types of other resources, and the real
 * system took them (contract §1).
 *
 * @throws {Problem} 12
 */
export function requireJsonBody({ contentType }: FastifyRequest): void {
  if (!isJsonType(contentType)) {
    throw invalidHeader({ name: 'Content-Type', reason: 'is neither application/json nor application/*+json' });
  }
  if (!isOfUtf8(contentType)) {
    throw invalidHeader({ name: 'Content-Type', reason: 'names another charset than utf-8' });
  }
}
