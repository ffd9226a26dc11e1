import type { FastifyRequest } from 'fastify';
import {
  type Caller,
  COMMON_ROLES,
  holdsAll,
  type NewToken,
  type Operation,
  PermissionDenied,
  type TokenChange,
  type TokenRecord,
  type TokenRights,
  type Tokens,
} from '../../../access/index.ts';
import { readBody } from '../body.ts';
import { TOKEN_WORDING, UNCHANGEABLE, unknownPk } from '../errors.ts';
import { FieldProblems } from '../field-problems.ts';
import { type FieldsRead, readFields } from '../fields.ts';
import { callerOf } from './find-token.ts';
import type { TokenServices } from './route.ts';
import { type TokenRequestSchema, tokenRequest } from './schemas.ts';

type Values = FieldsRead<TokenRequestSchema['shape']>['values'];

/** How long a token lasts of which nothing else is said: authentik's setting for it, as it comes. */
const DEFAULT_DURATION_MS = 86_400_000;

/** What a new token may do unless it is said. */
const NO_RIGHTS: TokenRights = { isSuperuser: false, grants: [], reach: [{ realm: 'authentik' }] };

/**
 * Nobody hands on, changes or takes away rights that they don't hold.
 *
 * @throws {PermissionDenied}
 */
export function refuseBeyond(caller: Caller, rights: TokenRights, operation: Operation): void {
  if (!holdsAll(caller, rights)) {
    throw new PermissionDenied(operation);
  }
}

/**
 * Reads the body of a POST.
 *
 * @throws {Refusal} naming every field that is not sound
 * @throws {PermissionDenied} where the token would hold more than the caller, or speak for another principal without a superuser's leave
 */
export async function readNewToken(request: FastifyRequest, { tokens, now }: TokenServices): Promise<NewToken> {
  const operation = 'authentik.core.tokens.create';
  const caller = callerOf(request);
  const { values, problems } = readFields(tokenRequest, readBody(request));
  const rights = rightsWanted(values, NO_RIGHTS);
  refuseBeyond(caller, rights, operation);
  const found = new FieldProblems(Object.keys(tokenRequest.shape));
  const username = await usernameWanted(values, caller, tokens, found);
  if (username !== caller.username && !caller.isSuperuser) {
    throw new PermissionDenied(operation);
  }
  const expiresAt = tellingOfThePast(expiryWanted(values, now(), null), now(), found);
  const { identifier = '', description = '' } = values;
  if (await tokens.isTaken(identifier)) {
    found.tell(...TOKEN_WORDING.IDENTIFIER_TAKEN);
  }
  found.tellFields(problems);
  found.refuse();
  return { identifier, description, username: username ?? caller.username, expiresAt, ...rights };
}

/**
 * Reads the body of a PUT or a PATCH.
 *
 * @returns what is to change of the token as it is at that time; throws {@link PermissionDenied} where either holds more than the caller
 * @throws {Refusal} naming every field that is not sound
 */
export function readTokenChange(
  request: FastifyRequest,
  schema: TokenRequestSchema,
  token: TokenRecord,
  now: Date,
  operation: Operation,
): (current: TokenRecord) => TokenChange {
  const caller = callerOf(request);
  const { values, problems } = readFields<TokenRequestSchema['shape']>(schema, readBody(request));
  const found = new FieldProblems(Object.keys(schema.shape));
  if ((values.identifier ?? token.identifier) !== token.identifier) {
    found.tell('identifier', UNCHANGEABLE.identifier);
  }
  if (values.user !== undefined && values.user.number !== token.owner.number) {
    found.tell('user', UNCHANGEABLE.user);
  }
  if ((values.username ?? token.owner.username) !== token.owner.username) {
    found.tell('username', UNCHANGEABLE.username);
  }
  tellingOfThePast(values.expiring === false ? null : (values.expires ?? null), now, found);
  found.tellFields(problems);
  found.refuse();
  return (current) => {
    const rights = rightsWanted(values, current);
    refuseBeyond(caller, current, operation);
    refuseBeyond(caller, rights, operation);
    const keepsExpiry = values.expires === undefined && values.expiring === undefined;
    return {
      description: values.description,
      expiresAt: keepsExpiry ? undefined : expiryWanted(values, now, current.expiresAt),
      rights: rights === current ? undefined : rights,
    };
  };
}

/** What a token may do after `before`: a role stands for what it is short for, and what is not mentioned stays. */
function rightsWanted<Before extends TokenRights>(
  { role, permissions, is_superuser, reach }: Values,
  before: Before,
): TokenRights {
  if (role === undefined && permissions === undefined && is_superuser === undefined && reach === undefined) {
    return before;
  }
  const preset = role === undefined ? undefined : COMMON_ROLES[role];
  const presetGrants = preset?.permissions.map((permission) => ({ permission }));
  return {
    isSuperuser: is_superuser ?? preset?.isSuperuser ?? before.isSuperuser,
    grants:
      presetGrants === undefined && permissions === undefined
        ? before.grants
        : [...(presetGrants ?? []), ...(permissions ?? [])],
    reach: reach ?? before.reach,
  };
}

/** Never, where `expires` is null or `expiring` is false; a token that shall expire and has no time yet gets the usual one. */
function expiryWanted({ expires, expiring }: Values, now: Date, before: Date | null): Date | null {
  if (expiring === false || expires === null) {
    return null;
  }
  return expires ?? before ?? new Date(now.getTime() + DEFAULT_DURATION_MS);
}

function tellingOfThePast(expiry: Date | null, now: Date, found: FieldProblems): Date | null {
  if (expiry !== null && expiry <= now) {
    found.tell(...TOKEN_WORDING.EXPIRY_PAST);
  }
  return expiry;
}

/** @returns undefined for a number that is no principal's */
async function usernameWanted(
  { user, username }: Values,
  caller: Caller,
  tokens: Tokens,
  found: FieldProblems,
): Promise<string | undefined> {
  if (user === undefined) {
    return username ?? caller.username;
  }
  const owner = user.number === undefined ? undefined : await tokens.findOwner(user.number);
  if (owner === undefined) {
    found.tell('user', unknownPk(user.written));
  } else if (username !== undefined && username !== owner.username) {
    found.tell('username', 'Give either user or username.');
  }
  return owner?.username;
}
