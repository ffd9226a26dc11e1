import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Caller,
  holdsAll,
  PERMISSIONS,
  type Permission,
  type Reach,
  type TokenRights,
} from '../../src/access/index.ts';
import type { PrincipalId } from '../../src/audit/index.ts';

const KEYPAIRS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const;
/** A keypair that nobody has a right on by its name, and a scope that no reach names. */
const OTHER = 'other';
const SCOPES = ['1', '2'] as const;
const SOME_PERMISSIONS = ['view_certificatekeypair', 'view_certificatekeypair_key', 'view_event'] as const;

const grant = fc.oneof(
  fc.record({ permission: fc.constantFrom<Permission>(...SOME_PERMISSIONS) }),
  fc.record({ permission: fc.constantFrom<Permission>(...SOME_PERMISSIONS), keypairId: fc.constantFrom(...KEYPAIRS) }),
);
const reach = fc.oneof(
  fc.record({ realm: fc.constantFrom('authentik' as const, 'strata' as const) }),
  fc.record({ realm: fc.constantFrom('authentik' as const, 'strata' as const), scope: fc.constantFrom(...SCOPES) }),
);
const rights: fc.Arbitrary<TokenRights> = fc.record({
  isSuperuser: fc.boolean(),
  grants: fc.array(grant, { maxLength: 4 }),
  reach: fc.array(reach, { maxLength: 3 }),
});

function callerWith({ isSuperuser, grants, reach: places }: TokenRights): Caller {
  const single = (permission: Permission) =>
    grants.flatMap((one) => (one.permission === permission && one.keypairId !== undefined ? [one.keypairId] : []));
  return {
    id: '6a0f3c52-0d7c-4f7e-9d8a-1c2b3d4e5f60' as PrincipalId,
    username: 'somebody',
    tokenId: 'token',
    isSuperuser,
    permissions: new Set(grants.flatMap(({ permission, keypairId }) => (keypairId === undefined ? [permission] : []))),
    objectPermissions: new Map(PERMISSIONS.map((permission) => [permission, new Set(single(permission))])),
    reach: places,
  };
}

const DEEDS = (['authentik', 'strata'] as const).flatMap((realm) =>
  [...SCOPES, OTHER].flatMap((scope) =>
    PERMISSIONS.flatMap((permission) =>
      [...KEYPAIRS, OTHER].map((keypair) => ({
        realm,
        scope,
        permission,
        keypair,
        name: `${realm} ${scope} ${permission} ${keypair}`,
      })),
    ),
  ),
);

/** All that can be done with a token, one deed at a time: which right, on which keypair, in which scope of which realm. */
function deeds({ isSuperuser, grants, reach: places }: TokenRights): Set<string> {
  const isLetIn = (realm: string, scope: string) =>
    places.some((place: Reach) => place.realm === realm && [undefined, scope].includes(place.scope));
  const isHeld = (permission: string, keypair: string) =>
    isSuperuser || grants.some((one) => one.permission === permission && [undefined, keypair].includes(one.keypairId));
  const done = DEEDS.filter(
    ({ realm, scope, permission, keypair }) => isLetIn(realm, scope) && isHeld(permission, keypair),
  );
  return new Set(done.map(({ name }) => name));
}

it('whoever holds all that a token holds can do each deed that can be done with it', () => {
  let held = 0;
  fc.assert(
    fc.property(rights, rights, (callers, tokens) => {
      if (holdsAll(callerWith(callers), tokens)) {
        held++;
        const own = deeds(callers);
        expect([...deeds(tokens)].filter((deed) => !own.has(deed))).toEqual([]);
      }
    }),
    { numRuns: 2000 },
  );
  expect(held).toBeGreaterThan(50);
});

it('everybody holds what they hold, and each part of it', () => {
  fc.assert(
    fc.property(rights, fc.infiniteStream(fc.boolean()), (own, keep) => {
      const some = <T>(items: readonly T[]) => items.filter(() => keep.next().value === true);
      const part = { isSuperuser: false, grants: some(own.grants), reach: some(own.reach) };
      expect([own, part].map((each) => holdsAll(callerWith(own), each))).toEqual([true, true]);
    }),
  );
});
