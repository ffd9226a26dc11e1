import {
  NotAGrant,
  NotAReach,
  parseDuration,
  parseGrant,
  parseInstant,
  parseReach,
  REALMS,
  ROLES,
  type RoleName,
  type TokenRights,
} from '../../access/index.ts';
import { UsageError } from './command.ts';

export interface RightsOptions {
  readonly superuser: boolean;
  readonly role?: string | undefined;
  readonly permission: readonly string[];
  readonly realm?: readonly string[] | undefined;
}

/**
 * What a new token may do. Without a realm, whoever holds every right is let in everywhere, all others where the permissions come from.
 *
 * @throws {UsageError}
 */
export function rightsOf({ superuser, role, permission, realm }: RightsOptions): TokenRights {
  if (role !== undefined && !Object.hasOwn(ROLES, role)) {
    throw new UsageError(`there is no role ${role}; there are ${Object.keys(ROLES).join(', ')}`);
  }
  const preset = role === undefined ? undefined : ROLES[role as RoleName];
  const isSuperuser = superuser || preset?.isSuperuser === true;
  try {
    return {
      isSuperuser,
      grants: [...(preset?.permissions ?? []).map((each) => ({ permission: each })), ...permission.map(parseGrant)],
      reach: (realm ?? (isSuperuser ? REALMS : ['authentik'])).map(parseReach),
    };
  } catch (error) {
    throw error instanceof NotAGrant || error instanceof NotAReach ? new UsageError(error.message) : error;
  }
}

/**
 * When a new token ends: at a point in time of ISO 8601, or after a length of time (`90m`, `12h`, `30d`); never without either.
 *
 * @throws {UsageError}
 */
export function expiryOf(written: string | undefined, now: Date): Date | null {
  if (written === undefined) {
    return null;
  }
  const duration = parseDuration(written);
  const expiry = duration === undefined ? parseInstant(written) : new Date(now.getTime() + duration);
  if (expiry === undefined) {
    throw new UsageError(
      '--expires takes a date (2027-01-31, 2027-01-31T12:00:00Z) or a length of time (90m, 12h, 30d)',
    );
  }
  return expiry;
}
