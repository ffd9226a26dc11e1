import { type AccessError, NotAuthenticated, PermissionDenied, TokenInvalid } from './errors.ts';
import { type Caller, holds, holdsOn } from './principal.ts';
import { includesReach, type Reach } from './reach.ts';
import { type Operation, requirementOf } from './rights.ts';

/**
 * Whether any of these pairs is there to be seen where the caller asks: a grant on one that is gone, hidden or elsewhere counts for nothing.
 */
export type AnyVisible = (keypairIds: ReadonlySet<string>) => Promise<boolean>;

const NONE: ReadonlySet<string> = new Set();

/**
 * Lets a caller into a realm or a scope of it.
 *
 * @returns the caller
 * @throws {TokenInvalid} where its token does not reach there: that it is good elsewhere is not told
 */
export function letIn(caller: Caller, where: Required<Reach>): Caller {
  if (!includesReach(caller.reach, where)) {
    throw new TokenInvalid();
  }
  return caller;
}

/**
 * Lets a caller through to an operation, or throws. What the operation needs of the one pair that the path names is asked of
 * {@link authoriseOn}, once that is found.
 *
 * @param caller `undefined` for a caller without a token
 * @throws {NotAuthenticated} where the operation needs anything and nobody is calling
 * @throws {PermissionDenied} where the caller lacks it, or sees nothing at all of what it must see some of
 */
export async function authorise(
  caller: Caller | undefined,
  operation: Operation,
  anyVisible: AnyVisible,
): Promise<void> {
  const refusal = await refusalOf(caller, operation, anyVisible);
  if (refusal !== undefined) {
    throw refusal;
  }
}

/** Whether {@link authorise} would let the caller through. */
export async function isAllowed(
  caller: Caller | undefined,
  operation: Operation,
  anyVisible: AnyVisible,
): Promise<boolean> {
  return (await refusalOf(caller, operation, anyVisible)) === undefined;
}

/**
 * Lets a caller through to an operation on one pair that it sees.
 *
 * @param keypairId UUID, lower case and dashed
 * @throws {NotAuthenticated} where nobody is calling
 * @throws {PermissionDenied} where the caller lacks the permission on that pair, or the operation is on no pair
 */
export function authoriseOn(caller: Caller | undefined, operation: Operation, keypairId: string): void {
  if (caller === undefined) {
    throw new NotAuthenticated();
  }
  if (!isAllowedOn(caller, operation, keypairId)) {
    throw new PermissionDenied(operation);
  }
}

/** Whether {@link authoriseOn} would let the caller through. */
export function isAllowedOn(caller: Caller | undefined, operation: Operation, keypairId: string): boolean {
  const need = requirementOf(operation);
  return caller !== undefined && need.kind === 'visible-target' && holdsOn(caller, need.permission, keypairId);
}

/**
 * The pairs that a caller sees in an operation, by their UUIDs.
 *
 * @returns `undefined` for all; of those that are named, some may be gone
 */
export function visibleIn(caller: Caller | undefined, operation: Operation): ReadonlySet<string> | undefined {
  const need = requirementOf(operation);
  if (caller === undefined || !('view' in need)) {
    return NONE;
  }
  return holds(caller, need.view) ? undefined : (caller.objectPermissions.get(need.view) ?? NONE);
}

/** Whether an operation is on the one pair that its path names. */
export function isOnTarget(operation: Operation): boolean {
  return requirementOf(operation).kind === 'visible-target';
}

async function refusalOf(
  caller: Caller | undefined,
  operation: Operation,
  anyVisible: AnyVisible,
): Promise<AccessError | undefined> {
  const need = requirementOf(operation);
  if (need.kind === 'public') {
    return undefined;
  }
  if (caller === undefined) {
    return new NotAuthenticated();
  }
  return (await meets(caller, operation, anyVisible)) ? undefined : new PermissionDenied(operation);
}

async function meets(caller: Caller, operation: Operation, anyVisible: AnyVisible): Promise<boolean> {
  const need = requirementOf(operation);
  switch (need.kind) {
    case 'public':
    case 'authenticated':
      return true;
    case 'held':
      return holds(caller, need.permission);
    case 'anything-visible':
    case 'visible-target': {
      const visible = visibleIn(caller, operation);
      return visible === undefined || (visible.size > 0 && (await anyVisible(visible)));
    }
  }
}
