import type { FastifyRequest } from 'fastify';
import {
  type AccountId,
  accountIdOf,
  type Caller,
  includesReach,
  NotAuthenticated,
  type Operation,
  PermissionDenied,
} from '../../access/index.ts';
import { Problem } from './errors.ts';
import type { Services } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that the path names, once the caller was let into it. */
    account: AccountId | undefined;
  }
}

/** What shows many certificates at once: an account that can't be looked into has none of them (contract §9.5). */
const OF_COLLECTIONS: ReadonlySet<Operation> = new Set<Operation>([
  'astra.certificates.list',
  'astra.certificates.bundle',
]);

/**
 * The account of a request.
 *
 * @throws {Error} outside the routes of an account
 */
export function accountOf({ account, routeOptions }: FastifyRequest): AccountId {
  if (account === undefined) {
    throw new Error(`${routeOptions.url} is of no account`);
  }
  return account;
}

/**
 * Lets the caller of a request into the account that the path names.
 *
 * @throws {NotAuthenticated}
 * @throws {Problem} 33 for what is no account's id; of one that the caller reaches, and that is not there, 18; where many certificates would
 *   be shown, 2 both for that and for an account out of reach
 * @throws {PermissionDenied} for any other account out of reach, be it there or not
 */
export async function enterAccount(request: FastifyRequest, { accounts }: Pick<Services, 'accounts'>): Promise<void> {
  const { operation } = request.routeOptions.config;
  if (operation === undefined) {
    return;
  }
  const { account_id: written = '' } = request.params as { account_id?: string };
  const account = accountIdOf(written);
  if (account === undefined) {
    throw new Problem(33);
  }
  const isCollection = OF_COLLECTIONS.has(operation);
  if (!reaches(request.caller, account)) {
    throw isCollection ? new Problem(2) : new PermissionDenied(operation);
  }
  if (!(await accounts.exists(account))) {
    throw new Problem(isCollection ? 2 : 18);
  }
  request.account = account;
}

function reaches(caller: Caller | undefined, account: AccountId): boolean {
  if (caller === undefined) {
    throw new NotAuthenticated();
  }
  return includesReach(caller.reach, { realm: 'astra', scope: account });
}
