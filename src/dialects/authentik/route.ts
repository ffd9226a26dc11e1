import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import {
  type KeypairFilter,
  type KeypairId,
  type Keypairs,
  keypairIdOf,
  type Placement,
} from '../../keypairs/index.ts';
import { notFound } from './errors.ts';
import { parseInteger, strip } from './python.ts';

/** What the operations of this dialect stand on. */
export interface Services {
  readonly keypairs: Keypairs;
  /** The issuer's common name in the certificates that are generated. */
  readonly issuerCommonName: string;
  /** Whether they are signed under their own name instead, and verify. */
  readonly selfSigned: boolean;
  now(): Date;
}

/** Where this API keeps its pairs. Paths end with a slash, and without it are no paths. */
export const PAIRS = '/api/v3/crypto/certificatekeypairs/';
/** One pair. An id is what Django's router takes for one: anything without a slash or a dot. */
export const PAIR = `${PAIRS}:kp_uuid(^[^/.]+$)/`;

/** This dialect's keypairs: one realm, no tenants in it. */
export const PLACEMENT: Placement = { realm: 'authentik', scope: '' };

/** What this API shows. The pair with which the original signs its own tokens is hidden everywhere; only its name is taken (contract §1.7). */
export const VISIBLE: KeypairFilter = { exceptManaged: 'goauthentik.io/crypto/jwt-managed' };

/** Where this API tells of events. */
export const EVENTS = '/api/v3/events/events/';
export const EVENT = `${EVENTS}:event_uuid(^[^/.]+$)/`;

export const ROOT_CONFIG = '/api/v3/root/config/';
export const SCHEMA = '/api/v3/schema/';

export const JSON_ONLY = ['application/json'] as const;
/** In which the description of the API is to be had. */
export const SCHEMA_TYPES = [
  'application/vnd.oai.openapi',
  'application/yaml',
  'application/vnd.oai.openapi+json',
  'application/json',
] as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** The media type in which this API answers, as it was negotiated. */
    answerType: string;
  }
  interface FastifyContextConfig {
    authentik?: {
      /** The path's methods, for the Allow header that every answer carries. */
      readonly allow: string;
      /** Rule 2 of contract §2.1: here the anonymous learn only that they may not. */
      readonly hidesAuthentication?: boolean;
      /** Here the filters of the query don't act on which pair is found (contract §3). */
      readonly ignoresFilters?: boolean;
      /** The media types of the path's answers, the preferred first; JSON alone unless it is said otherwise. */
      readonly renders?: readonly string[];
    };
  }
}

/** How each path answers, whatever the operation. */
export const ANSWERS = {
  list: { allow: 'GET, POST, HEAD, OPTIONS' },
  generate: { allow: 'POST, OPTIONS' },
  detail: { allow: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS', hidesAuthentication: true },
  view: { allow: 'GET, HEAD, OPTIONS' },
  usedBy: { allow: 'GET, HEAD, OPTIONS', hidesAuthentication: true, ignoresFilters: true },
  events: { allow: 'GET, HEAD, OPTIONS' },
  event: { allow: 'GET, HEAD, OPTIONS', hidesAuthentication: true },
  rootConfig: { allow: 'GET, HEAD, OPTIONS' },
  schema: { allow: 'GET, HEAD, OPTIONS', renders: SCHEMA_TYPES },
} as const satisfies Readonly<Record<string, FastifyContextConfig['authentik']>>;

/**
 * The id in the path, in any form that Python's `UUID` reads: upper case, without dashes, in braces, as a URN, and whatever 32
 * characters `int` takes for a hexadecimal number.
 *
 * @throws {Refusal} 404 for what is no UUID
 */
export function idOf(request: FastifyRequest): KeypairId {
  const { kp_uuid: written } = request.params as { kp_uuid: string };
  const id = uuidOf(written);
  if (id === undefined) {
    throw notFound();
  }
  return id;
}

/** As {@link idOf} reads an id, of a path's parameter; undefined for what is no UUID. */
export function uuidOf(written: string): KeypairId | undefined {
  return keypairIdOf(written) ?? anyFormOf(written);
}

function anyFormOf(written: string): KeypairId | undefined {
  const digits = strip(written.replaceAll('urn:', '').replaceAll('uuid:', ''), /[{}]/).replaceAll('-', '');
  const value = Array.from(digits).length === 32 ? parseInteger(digits, 16) : undefined;
  if (value === undefined || value < 0n) {
    return undefined;
  }
  const groups = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(value.toString(16).padStart(32, '0')) ?? [];
  return keypairIdOf(groups.slice(1).join('-'));
}
