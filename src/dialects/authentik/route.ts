import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Operation, PermissionDenied, type Principal } from '../../access/index.ts';
import { type KeypairId, type Keypairs, keypairIdOf, type Placement } from '../../keypairs/index.ts';
import { notFound, type Wording } from './errors.ts';

/** What the operations of this dialect stand on. */
export interface Services {
  readonly keypairs: Keypairs;
}

/** Where this API keeps its pairs. Paths end with a slash, and without it are no paths. */
export const PAIRS = '/api/v3/crypto/certificatekeypairs/';

/** This dialect's keypairs: one realm, no tenants in it. */
export const PLACEMENT: Placement = { realm: 'authentik', scope: '' };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined without a token. */
    principal: Principal | undefined;
  }

  interface FastifyContextConfig {
    /** The line of the table of rights that decides. A route of a dialect must name one. */
    operation?: Operation;
    /** The path's methods, for the Allow header that every answer carries. */
    allow?: string;
    /** How problems with fields read on this route. */
    wording?: Wording;
    /** Rule 2 of contract §2.1: here the anonymous learn only that they may not. */
    hidesAuthentication?: boolean;
  }
}

export const ALLOW = {
  list: 'GET, POST, HEAD, OPTIONS',
  detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
  generate: 'POST, OPTIONS',
  view: 'GET, HEAD, OPTIONS',
} as const;

/** The caller of an operation that lets nobody in without a token. */
export function caller(request: FastifyRequest): Principal {
  if (request.principal === undefined) {
    throw new PermissionDenied('write without a token');
  }
  return request.principal;
}

/**
 * The id in the path, in any form that Python's `UUID` reads: upper case, without dashes, in braces, as a URN.
 *
 * @throws {Refusal} 404 for what is no UUID
 */
export function idOf(request: FastifyRequest): KeypairId {
  const { uuid } = request.params as { uuid: string };
  const digits = uuid
    .replaceAll('urn:', '')
    .replaceAll('uuid:', '')
    .replaceAll(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '')
    .toLowerCase();
  const match = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(digits);
  const id = match === null ? undefined : keypairIdOf(match.slice(1).join('-'));
  if (id === undefined) {
    throw notFound();
  }
  return id;
}

/** Aborted when the client leaves before its answer is sent. */
export function departureSignal(reply: FastifyReply): AbortSignal {
  const departure = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      departure.abort();
    }
  });
  return departure.signal;
}
