import {
  AccountNotFound,
  type Accounts,
  NotAGrant,
  NotAReach,
  parseDuration,
  parseGrant,
  parseInstant,
  parseReach,
  REALMS,
  type Reach,
  type RealmName,
  ROLES,
  type Role,
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
  const preset: Role | undefined = role === undefined ? undefined : ROLES[role as RoleName];
  const isSuperuser = superuser || preset?.isSuperuser === true;
  try {
    const given = realm?.map(parseReach);
    if (preset?.realm !== undefined && !isWithin(preset.realm, given)) {
      const { realm: its } = preset;
      throw new UsageError(
        `the role ${role} is one of ${its}'s: --realm must give it ${its} or ${its}:SCOPE, and nothing else`,
      );
    }
    return {
      isSuperuser,
      grants: [...(preset?.permissions ?? []).map((each) => ({ permission: each })), ...permission.map(parseGrant)],
      reach: given ?? (isSuperuser ? REALMS : (['authentik'] as const)).map((name) => ({ realm: name })),
    };
  } catch (error) {
    throw error instanceof NotAGrant || error instanceof NotAReach ? new UsageError(error.message) : error;
  }
}

function isWithin(realm: RealmName, reach: readonly Reach[] = []): boolean {
  return reach.length > 0 && reach.every((one) => one.realm === realm);
}

/** Whether a reach ends at one account, which must be there: a mistyped one would let the token in nowhere. */
export function namesAccount({ realm, scope }: Reach): boolean {
  return realm === 'astra' && scope !== undefined;
}

/**
 * A reach with the ids of accounts in place of their names.
 *
 * @throws {AccountNotFound}
 */
export function reachOf(written: readonly Reach[], accounts: Accounts): Promise<Reach[]> {
  return Promise.all(
    written.map(async (one) => {
      const { realm, scope = '' } = one;
      if (!namesAccount(one)) {
        return one;
      }
      const account = await accounts.find(scope);
      if (account === undefined) {
        throw new AccountNotFound(scope);
      }
      return { realm, scope: account.id };
    }),
  );
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
