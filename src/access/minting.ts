import { type Caller, holds, holdsOn } from './principal.ts';
import { includesReach } from './reach.ts';
import type { TokenRights } from './token-record.ts';

/**
 * Whether a caller holds all that a token holds, everywhere where the token is let in: nobody hands on what they don't have, nor
 * takes it from who has more.
 */
export function holdsAll(caller: Caller, { isSuperuser, grants, reach }: TokenRights): boolean {
  return (
    reach.every((one) => includesReach(caller.reach, one)) &&
    (caller.isSuperuser ||
      (!isSuperuser &&
        grants.every(({ permission, keypairId }) =>
          keypairId === undefined ? holds(caller, permission) : holdsOn(caller, permission, keypairId),
        )))
  );
}
