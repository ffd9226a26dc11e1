import type { FastifyRequest } from 'fastify';
import { NotAuthenticated } from '../../access/index.ts';
import type { Placement } from '../../keypairs/index.ts';

declare const tsgId: unique symbol;

/** The id of a tenant service group: digits. */
export type TsgId = string & { readonly [tsgId]: true };

/** What holds configuration in a tenant, by its kind. */
export const CONTAINER_KINDS = ['folder', 'snippet', 'device'] as const;

export type ContainerKind = (typeof CONTAINER_KINDS)[number];

/** Where in a tenant a certificate is (contract §4). */
export interface Container {
  readonly kind: ContainerKind;
  readonly name: string;
}

/** Contract §4, with the hyphen escaped. Neither a slash nor a colon is in it, which separate the parts of a scope. */
export const CONTAINER_NAME = /^[a-zA-Z\d\-_. ]+$/;
export const MAX_CONTAINER_NAME = 64;

declare module 'fastify' {
  interface FastifyRequest {
    /** The tenant that the caller speaks for; undefined without a caller. */
    tsg: TsgId | undefined;
  }
}

/** Takes digits, 20 at the most, for the id of a tenant, or `undefined` for any other text. */
export function tsgIdOf(text: string): TsgId | undefined {
  return /^\d{1,20}$/.test(text) ? (text as TsgId) : undefined;
}

/**
 * The tenant of a request.
 *
 * @throws {NotAuthenticated} on a route that lets callers without a token in
 */
export function tenantOf({ tsg }: FastifyRequest): TsgId {
  if (tsg === undefined) {
    throw new NotAuthenticated();
  }
  return tsg;
}

/** Where the certificates of a tenant's container are kept. */
export function placementOf(tsg: TsgId, { kind, name }: Container): Placement {
  return { realm: 'strata', scope: `${tsg}/${kind}:${name}` };
}

/** What {@link placementOf} was given; undefined for a scope that is no container's. */
export function containerAt(scope: string): (Container & { readonly tsg: TsgId }) | undefined {
  const [, tenant = '', written, name = ''] = /^(\d+)\/(\w+):(.+)$/.exec(scope) ?? [];
  const tsg = tsgIdOf(tenant);
  const kind = CONTAINER_KINDS.find((known) => known === written);
  return tsg === undefined || kind === undefined ? undefined : { tsg, kind, name };
}
