import { type Caller, includesReach } from '../../../access/index.ts';
import { defaultTenantOf } from '../authentication.ts';
import { type TsgId, tsgIdOf } from '../tenancy.ts';
import { OauthRefusal } from './errors.ts';

/** What an access token is for. */
export interface GrantedScope {
  readonly tsg: TsgId;
  /** As the answer says it: exactly as it was asked for, or else clients refuse the answer (contract §1.1). */
  readonly scope: string;
}

/** Scopes are long enough in it for every word that clients send, and short enough for a header. */
const MAX_LENGTH = 1024;

/** Words of RFC 6749 §3.3, one blank or more around them. */
const WELL_FORMED = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;

const TENANT = /^tsg_id:(.*)$/;

/**
 * Grants the tenant that a scope names (`tsg_id:1234567890`), or the caller's default one where it names none. Other words are passed over.
 *
 * @param requested undefined where there is none
 * @throws {OauthRefusal} invalid_scope, where it names several, none that there can be, or one that the caller does not reach
 */
export function grantScope(requested: string | undefined, caller: Caller, configuredTsg: string): GrantedScope {
  const text = requested ?? '';
  if (!WELL_FORMED.test(text) || text.length > MAX_LENGTH) {
    throw invalidScope('the scope is malformed');
  }
  const named = text.split(' ').flatMap((word) => TENANT.exec(word)?.[1] ?? []);
  const [written, other] = named;
  if (other !== undefined) {
    throw invalidScope('the scope names more than one tenant');
  }
  const tsg = written === undefined ? defaultTenantOf(caller, configuredTsg) : tsgIdOf(written);
  if (tsg === undefined) {
    throw invalidScope('a tsg_id is 1 to 20 digits');
  }
  if (!includesReach(caller.reach, { realm: 'strata', scope: tsg })) {
    throw invalidScope('the client does not reach this tenant');
  }
  return { tsg, scope: text.trim() === '' ? `tsg_id:${tsg}` : text };
}

function invalidScope(description: string): OauthRefusal {
  return new OauthRefusal('invalid_scope', description);
}
