import { describe, expect, it } from 'vitest';
import {
  authorise,
  authoriseOn,
  type Caller,
  isAllowed,
  isAllowedOn,
  letIn,
  NotAuthenticated,
  type Operation,
  type Permission,
  PermissionDenied,
  parseReach,
  requirementOf,
  rights,
  TokenInvalid,
  visibleIn,
} from '../../src/access/index.ts';
import type { PrincipalId } from '../../src/audit/index.ts';

const K1 = '11111111-1111-4111-8111-111111111111';
const K2 = '22222222-2222-4222-8222-222222222222';

function caller(everywhere: readonly Permission[], onK1: readonly Permission[] = [], isSuperuser = false): Caller {
  return {
    id: '6a0f3c52-0d7c-4f7e-9d8a-1c2b3d4e5f60' as PrincipalId,
    username: 'somebody',
    tokenId: '6a0f3c52-0d7c-4f7e-9d8a-1c2b3d4e5f61',
    isSuperuser,
    permissions: new Set(everywhere),
    objectPermissions: new Map(onK1.map((permission) => [permission, new Set([K1])])),
    reach: [parseReach('authentik')],
  };
}

const nobody = caller([]);
const superuser = caller([], [], true);
const operations = Object.keys(rights) as Operation[];
const demanding = operations.filter(
  (operation) => !['public', 'authenticated'].includes(requirementOf(operation).kind),
);
const LIST = 'authentik.certificatekeypairs.list';
const UPDATE = 'authentik.certificatekeypairs.update';
const VIEW_KEY = 'authentik.certificatekeypairs.view_private_key';

const there = async () => true;
const gone = async () => false;
const unasked = () => Promise.reject(new Error('the database was asked'));

describe.each(demanding)('%s', (operation) => {
  it('is for a superuser, whom the database is not asked about', async () => {
    await expect(authorise(superuser, operation, unasked)).resolves.toBeUndefined();
  });

  it('asks who is calling', async () => {
    await expect(authorise(undefined, operation, unasked)).rejects.toThrow(NotAuthenticated);
    expect(await isAllowed(undefined, operation, unasked)).toBe(false);
  });

  it('is denied to whoever holds nothing', async () => {
    await expect(authorise(nobody, operation, unasked)).rejects.toThrow(PermissionDenied);
    expect(await isAllowed(nobody, operation, unasked)).toBe(false);
  });
});

describe.each(operations.filter((operation) => requirementOf(operation).kind === 'authenticated'))(
  '%s',
  (operation) => {
    it('is for whoever has a token, and for nobody else', async () => {
      await expect(authorise(nobody, operation, unasked)).resolves.toBeUndefined();
      await expect(authorise(undefined, operation, unasked)).rejects.toThrow(NotAuthenticated);
    });
  },
);

describe.each(operations.filter((operation) => requirementOf(operation).kind === 'public'))('%s', (operation) => {
  it('is for everybody', async () => {
    for (const anybody of [undefined, nobody, superuser]) {
      await expect(authorise(anybody, operation, unasked)).resolves.toBeUndefined();
    }
  });
});

describe('a caller who may view one pair', () => {
  const one = caller([], ['view_certificatekeypair']);

  it('sees that one, and a caller who may view all sees all', () => {
    expect(visibleIn(one, LIST)).toEqual(new Set([K1]));
    expect(visibleIn(caller(['view_certificatekeypair']), LIST)).toBeUndefined();
    expect(visibleIn(superuser, LIST)).toBeUndefined();
    expect(visibleIn(caller(['change_certificatekeypair']), LIST)).toEqual(new Set());
    expect(visibleIn(undefined, LIST)).toEqual(new Set());
  });

  it('is let through as long as that one is there', async () => {
    for (const operation of [LIST, UPDATE, VIEW_KEY] as const) {
      await expect(authorise(one, operation, there)).resolves.toBeUndefined();
      await expect(authorise(one, operation, gone)).rejects.toThrow(PermissionDenied);
    }
  });

  it('asks about nothing but that one', async () => {
    const asked: unknown[] = [];
    await isAllowed(one, LIST, async (ids) => asked.push([...ids]) > 0);
    expect(asked).toEqual([[K1]]);
  });
});

describe('a permission on one pair', () => {
  const one = caller(['view_certificatekeypair'], ['change_certificatekeypair', 'add_certificatekeypair']);

  it('is one on that pair alone', () => {
    expect(() => authoriseOn(one, UPDATE, K1)).not.toThrow();
    expect(() => authoriseOn(one, UPDATE, K2)).toThrow(PermissionDenied);
    expect(isAllowedOn(one, VIEW_KEY, K1)).toBe(false);
  });

  it('gives nothing where it must be held on everything', async () => {
    await expect(authorise(one, 'authentik.certificatekeypairs.create', there)).rejects.toThrow(PermissionDenied);
    const method = 'authentik.certificatekeypairs.list.other_method.put';
    await expect(authorise(one, method, there)).rejects.toThrow(PermissionDenied);
  });

  it('is never asked of an operation that is on no pair: that is denied', () => {
    expect(() => authoriseOn(superuser, LIST, K1)).toThrow(PermissionDenied);
    expect(() => authoriseOn(undefined, UPDATE, K1)).toThrow(NotAuthenticated);
  });
});

describe('a token', () => {
  const reaching = (...reach: string[]): Caller => ({ ...superuser, reach: reach.map(parseReach) });

  it.each([
    [['authentik'], { realm: 'authentik', scope: '' }],
    [['strata', 'authentik'], { realm: 'authentik', scope: '' }],
    [['strata'], { realm: 'strata', scope: '1234567890' }],
    [['strata:1234567890'], { realm: 'strata', scope: '1234567890' }],
  ] as const)('that reaches %j is let into %j', (reach, where) => {
    const found = reaching(...reach);
    expect(letIn(found, where)).toBe(found);
  });

  it.each([
    [[], { realm: 'authentik', scope: '' }],
    [['strata', 'astra'], { realm: 'authentik', scope: '' }],
    [['authentik:a'], { realm: 'authentik', scope: '' }],
    [['strata:1234567890'], { realm: 'strata', scope: '123456789' }],
    [['strata:1234567890'], { realm: 'strata', scope: '' }],
    [['astra:1234567890'], { realm: 'strata', scope: '1234567890' }],
  ] as const)('that reaches %j reads like an unknown one in %j, a superuser’s too', (reach, where) => {
    expect(() => letIn(reaching(...reach), where)).toThrow(TokenInvalid);
  });
});
