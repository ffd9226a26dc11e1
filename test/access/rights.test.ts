import { describe, expect, it } from 'vitest';
import {
  authorise,
  isAllowed,
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
const needing = (permission: Requirement['permission']) =>
  operations.filter((operation) => table[operation]?.permission === permission);

describe('the table of rights', () => {
  it('leaves open these operations only', () => {
    expect(needing('public').sort()).toEqual([
      'authentik.certificatekeypairs.detail.options',
      'authentik.certificatekeypairs.detail.other_method',
      'authentik.certificatekeypairs.used_by.options',
      'authentik.certificatekeypairs.used_by.other_method',
      'authentik.root.config',
      'authentik.root.config.options',
      'authentik.root.config.other_method',
      'authentik.schema',
      'authentik.schema.options',
      'authentik.schema.other_method',
    ]);
  });

  it('asks for no right but a token where nothing is shown but what the path is', () => {
    expect(needing('authenticated').every((operation) => /\.(options|other_method)$/.test(operation))).toBe(true);
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

describe.each(needing('everything'))('%s', (operation) => {
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

describe.each(needing('authenticated'))('%s', (operation) => {
  it('is for whoever has a token', async () => {
    await expect(authorise(principal(false), operation)).resolves.toBeUndefined();
    await expect(authorise(principal(true), operation)).resolves.toBeUndefined();
  });

  it('asks who is calling', async () => {
    await expect(authorise(undefined, operation)).rejects.toThrow(NotAuthenticated);
  });
});

describe.each(needing('public'))('%s', (operation) => {
  it('is for everybody', async () => {
    for (const caller of [undefined, principal(false), principal(true)]) {
      await expect(authorise(caller, operation)).resolves.toBeUndefined();
    }
  });
});

describe('a question whether somebody may', () => {
  const operation = 'authentik.certificatekeypairs.create';

  it('is answered as the deed would be', async () => {
    expect(await isAllowed(principal(true), operation)).toBe(true);
    expect(await isAllowed(principal(false), operation)).toBe(false);
    expect(await isAllowed(undefined, operation)).toBe(false);
  });
});
