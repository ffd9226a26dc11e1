/** The API families. */
export const REALMS = ['authentik', 'strata', 'astra'] as const;

export type RealmName = (typeof REALMS)[number];

/** Where a token is let in: a whole realm, or one scope of it. */
export interface Reach {
  readonly realm: RealmName;
  /** Undefined for the whole realm. */
  readonly scope?: string;
}

/** A text that names no realm. */
export class NotAReach extends Error {
  override readonly name = 'NotAReach';
  readonly code = 'NOT_A_REACH';
}

/** No tenant of any realm is called by more. */
const MAX_LENGTH = 1024;

/**
 * Reads where a token is let in.
 *
 * @param text a realm (`authentik`), or a realm and a scope (`strata:1234567890`, `astra:` and an account's UUID)
 * @throws {NotAReach}
 */
export function parseReach(text: string): Reach {
  const colon = text.indexOf(':');
  const realm = REALMS.find((known) => known === (colon === -1 ? text : text.slice(0, colon)));
  if (realm === undefined) {
    throw new NotAReach(`there is no such realm; there are ${REALMS.join(', ')}, with :SCOPE behind or without`);
  }
  if (colon === -1) {
    return { realm };
  }
  const scope = text.slice(colon + 1);
  if (scope === '' || scope.length > MAX_LENGTH || scope.includes('\0')) {
    throw new NotAReach(`what stands behind ${realm}: is no scope`);
  }
  return { realm, scope };
}

/** A reach as {@link parseReach} reads it. */
export function formatReach({ realm, scope }: Reach): string {
  return scope === undefined ? realm : `${realm}:${scope}`;
}

/** Whether one of the reaches includes a realm, or all of `scope` in it. */
export function includesReach(reach: readonly Reach[], { realm, scope }: Reach): boolean {
  return reach.some((one) => one.realm === realm && (one.scope === undefined || one.scope === scope));
}
