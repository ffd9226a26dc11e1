import { type AccessError, NotAuthenticated, PermissionDenied } from './errors.ts';
import type { Caller } from './principal.ts';

/** Where an operation takes the scope from in which the permission must be held. */
export type ScopeSource = 'whole-realm';

export interface Requirement {
  readonly realm: 'authentik' | 'strata' | 'astra';
  readonly scope: ScopeSource;
  /** `public` asks for nothing, not even a token; `authenticated` for a token, whatever its principal holds. */
  readonly permission: 'everything' | 'public' | 'authenticated';
}

const everything = { realm: 'authentik', scope: 'whole-realm', permission: 'everything' } as const;
const authenticated = { realm: 'authentik', scope: 'whole-realm', permission: 'authenticated' } as const;
const open = { realm: 'authentik', scope: 'whole-realm', permission: 'public' } as const;

/**
 * Every operation of every dialect, and what it needs. A route without a line here does not register, and whoever holds nothing may
 * do nothing (docs/decisions/0012-one-table-of-rights.md).
 */
export const rights = {
  'authentik.certificatekeypairs.list': everything,
  'authentik.certificatekeypairs.create': everything,
  'authentik.certificatekeypairs.retrieve': everything,
  'authentik.certificatekeypairs.update': everything,
  'authentik.certificatekeypairs.partial_update': everything,
  'authentik.certificatekeypairs.destroy': everything,
  'authentik.certificatekeypairs.generate': everything,
  'authentik.certificatekeypairs.view_certificate': everything,
  'authentik.certificatekeypairs.view_private_key': everything,
  'authentik.certificatekeypairs.used_by': everything,
  'authentik.certificatekeypairs.list.options': authenticated,
  'authentik.certificatekeypairs.list.other_method': everything,
  'authentik.certificatekeypairs.detail.options': open,
  'authentik.certificatekeypairs.detail.other_method': open,
  'authentik.certificatekeypairs.generate.options': authenticated,
  'authentik.certificatekeypairs.generate.other_method': authenticated,
  'authentik.certificatekeypairs.view_certificate.options': authenticated,
  'authentik.certificatekeypairs.view_certificate.other_method': authenticated,
  'authentik.certificatekeypairs.view_private_key.options': authenticated,
  'authentik.certificatekeypairs.view_private_key.other_method': authenticated,
  // Not recorded of a caller without a token; but whoever may not see a pair is answered here as on its own path.
  'authentik.certificatekeypairs.used_by.options': open,
  'authentik.certificatekeypairs.used_by.other_method': open,
  'authentik.root.config': open,
  'authentik.root.config.options': open,
  'authentik.root.config.other_method': open,
  'authentik.schema': open,
  'authentik.schema.options': open,
  'authentik.schema.other_method': open,
} as const satisfies Record<string, Requirement>;

export type Operation = keyof typeof rights;

/** What an operation is done to, for rights that are held on single objects. */
export interface Target {
  /** The id in the request's path as it was sent, which may be of nothing. */
  readonly id?: string;
}

/**
 * Lets a caller through to an operation, or throws. Asynchronous, because a right on a single object is looked up.
 *
 * @param caller `undefined` for a caller without a token
 * @throws {NotAuthenticated} where the operation needs a permission and nobody is calling
 * @throws {PermissionDenied} where the caller lacks it
 */
export async function authorise(caller: Caller | undefined, operation: Operation, target: Target = {}): Promise<void> {
  const refusal = await refusalOf(caller, operation, target);
  if (refusal !== undefined) {
    throw refusal;
  }
}

/** Whether {@link authorise} would let the caller through. */
export async function isAllowed(
  caller: Caller | undefined,
  operation: Operation,
  target: Target = {},
): Promise<boolean> {
  return (await refusalOf(caller, operation, target)) === undefined;
}

async function refusalOf(
  caller: Caller | undefined,
  operation: Operation,
  _target: Target,
): Promise<AccessError | undefined> {
  const { permission }: Requirement = rights[operation];
  if (permission === 'public') {
    return undefined;
  }
  if (caller === undefined) {
    return new NotAuthenticated();
  }
  return permission === 'authenticated' || caller.isSuperuser ? undefined : new PermissionDenied(operation);
}
