import { describe, expect, it } from 'vitest';
import {
  authorise,
  NotAuthenticated,
  type Operation,
  PermissionDenied,
  type Principal,
  type Requirement,
  rights,
} from '../../src/access/index.ts';
import type { PrincipalId } from '../../src/audit/index.ts';

const principal = (isSuperuser: boolean): Principal => ({
  id: '6a0f3c52-0d7c-4f7e-9d8a-1c2b3d4e5f60' as PrincipalId,
  username: 'somebody',
  isSuperuser,
});

const table: Readonly<Record<string, Requirement>> = rights;
const operations = Object.keys(rights) as Operation[];
const isPublic = (operation: Operation) => table[operation]?.permission === 'public';

describe('the table of rights', () => {
  it('leaves open these operations only', () => {
    expect(operations.filter(isPublic).sort()).toEqual(['authentik.root.config', 'authentik.schema']);
  });

  it('names every operation of the crypto API', () => {
    const crypto = operations.filter((name) => name.startsWith('authentik.certificatekeypairs.'));
    const actions = ['list', 'create', 'retrieve', 'update', 'partial_update', 'destroy', 'generate'];
    const others = ['view_certificate', 'view_private_key', 'used_by', 'options', 'method_not_allowed'];
    expect(crypto.map((name) => name.split('.').at(-1)).sort()).toEqual([...actions, ...others].sort());
  });

  it('puts every operation into the realm that its name begins with', () => {
    for (const operation of operations) {
      expect(table[operation]?.realm).toBe(operation.split('.')[0]);
    }
  });
});

describe.each(operations.filter((operation) => !isPublic(operation)))('%s', (operation) => {
  it('is for a superuser', () => {
    expect(() => authorise(principal(true), operation)).not.toThrow();
  });

  it('asks who is calling', () => {
    expect(() => authorise(undefined, operation)).toThrow(NotAuthenticated);
    expect(() => authorise(undefined, operation)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }));
  });

  it('is denied to whoever holds nothing', () => {
    expect(() => authorise(principal(false), operation)).toThrow(PermissionDenied);
    expect(() => authorise(principal(false), operation)).toThrow(
      expect.objectContaining({ code: 'PERMISSION_DENIED' }),
    );
  });
});

describe.each(operations.filter(isPublic))('%s', (operation) => {
  it('is for everybody', () => {
    for (const caller of [undefined, principal(false), principal(true)]) {
      expect(() => authorise(caller, operation)).not.toThrow();
    }
  });
});
