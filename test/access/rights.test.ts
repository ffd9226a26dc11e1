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
    const views = ['view_certificate', 'view_private_key', 'used_by'];
    const rest = ['list', 'detail', 'generate', ...views].flatMap((path) => [
      `${path}.options`,
      `${path}.other_method`,
    ]);
    expect(crypto.map((name) => name.split('.').slice(2).join('.')).sort()).toEqual(
      [...actions, ...views, ...rest].sort(),
    );
  });

  it('puts every operation into the realm that its name begins with', () => {
    for (const operation of operations) {
      expect(table[operation]?.realm).toBe(operation.split('.')[0]);
    }
  });
});

describe.each(operations.filter((operation) => !isPublic(operation)))('%s', (operation) => {
  it('is for a superuser', async () => {
    await expect(authorise(principal(true), operation)).resolves.toBeUndefined();
  });

  it('asks who is calling', async () => {
    await expect(authorise(undefined, operation)).rejects.toThrow(NotAuthenticated);
    await expect(authorise(undefined, operation)).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    );
  });

  it('is denied to whoever holds nothing', async () => {
    await expect(authorise(principal(false), operation)).rejects.toThrow(PermissionDenied);
    await expect(authorise(principal(false), operation)).rejects.toThrow(
      expect.objectContaining({ code: 'PERMISSION_DENIED' }),
    );
  });
});

describe.each(operations.filter(isPublic))('%s', (operation) => {
  it('is for everybody', async () => {
    for (const caller of [undefined, principal(false), principal(true)]) {
      await expect(authorise(caller, operation)).resolves.toBeUndefined();
    }
  });
});
