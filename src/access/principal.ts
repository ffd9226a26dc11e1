import type { PrincipalId } from '../audit/index.ts';
import type { Permission } from './permission.ts';
import type { Reach } from './reach.ts';

/** Whom events name. It holds no right: its tokens do. */
export interface Principal {
  readonly id: PrincipalId;
  readonly username: string;
}

/** A principal that shows a token, with what that token may do. */
export interface Caller extends Principal {
  /** The UUID of the token. */
  readonly tokenId: string;
  /** Holds every right, within its reach. */
  readonly isSuperuser: boolean;
  /** Held on everything within reach. */
  readonly permissions: ReadonlySet<Permission>;
  /** Held on single keypairs, by their UUIDs (lower case, dashed). */
  readonly objectPermissions: ReadonlyMap<Permission, ReadonlySet<string>>;
  readonly reach: readonly Reach[];
}

/** Whether a caller holds a permission on everything within its reach. */
export function holds({ isSuperuser, permissions }: Caller, permission: Permission): boolean {
  return isSuperuser || permissions.has(permission);
}

/** Whether a caller holds a permission on one keypair: on everything, or on that one. */
export function holdsOn(caller: Caller, permission: Permission, keypairId: string): boolean {
  return holds(caller, permission) || caller.objectPermissions.get(permission)?.has(keypairId) === true;
}
