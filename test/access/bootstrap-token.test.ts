import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateToken, TokenInvalid, type Tokens } from '../../src/access/index.ts';
import { OPERATOR } from '../../src/audit/index.ts';
import type { Database } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { connect, tokensOn, wanted } from './support/tokens.ts';

let database: TestDatabase;
let connections: Database;
let tokens: Tokens;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  connections = connect(database.url);
  tokens = tokensOn(connections);
});
afterEach(async () => {
  await connections.close();
  await database.query('DELETE FROM principals');
  await database.query('DELETE FROM events');
});

async function expectRefused(token: string): Promise<void> {
  await expect(tokens.authenticate(token, 'write')).rejects.toThrow(TokenInvalid);
}

describe('the bootstrap token', () => {
  const [first, second] = [generateToken(), generateToken()];
  const rows = () => database.query<{ id: string; hash: Buffer }>('SELECT id, hash FROM tokens');

  it('is created once, stays, and is replaced by another, which alone is let in', async () => {
    expect(await tokens.putBootstrap(first)).toBe('created');
    expect(await tokens.putBootstrap(first)).toBe('unchanged');
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
    expect(await tokens.putBootstrap(second)).toBe('replaced');
    expect(await tokens.authenticate(second, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
    await expectRefused(first);
    expect(await tokens.putBootstrap(second)).toBe('unchanged');
    expect(await rows()).toHaveLength(1);
  });

  it('is one row, whichever of ten processes writes it first', async () => {
    const processes = Array.from({ length: 10 }, () => connect(database.url));
    try {
      const outcomes = await Promise.all(processes.map((connected) => tokensOn(connected).putBootstrap(first)));
      expect(outcomes.sort()).toEqual(['created', ...Array<string>(9).fill('unchanged')]);
    } finally {
      await Promise.all(processes.map((connected) => connected.close()));
    }
    expect(await rows()).toHaveLength(1);
    expect(await database.query('SELECT 1 FROM principals')).toHaveLength(1);
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap' });
  });

  it('stays revoked however often a server starts with it, and another one in its place is let in', async () => {
    await tokens.putBootstrap(first);
    await tokens.revoke(OPERATOR, 'bootstrap');
    await expectRefused(first);
    expect(await tokens.putBootstrap(first)).toBe('revoked');
    expect(await tokens.putBootstrap(first)).toBe('revoked');
    await expectRefused(first);
    expect(await tokens.putBootstrap(second)).toBe('replaced');
    expect(await tokens.authenticate(second, 'write')).toMatchObject({ username: 'bootstrap' });
    await expectRefused(first);
  });

  it('stays revoked when another one was there in between, and comes back', async () => {
    await tokens.putBootstrap(first);
    await tokens.revoke(OPERATOR, 'bootstrap');
    await tokens.putBootstrap(second);

    expect(await tokens.putBootstrap(first)).toBe('revoked');
    await expectRefused(first);
    expect(await tokens.authenticate(second, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
  });

  it('is replaced once, whichever of ten processes comes first', async () => {
    await tokens.putBootstrap(first);
    await tokens.revoke(OPERATOR, 'bootstrap');
    const processes = Array.from({ length: 10 }, () => connect(database.url));
    try {
      const outcomes = await Promise.all(processes.map((connected) => tokensOn(connected).putBootstrap(second)));
      expect(outcomes.sort()).toEqual(['replaced', ...Array<string>(9).fill('unchanged')]);
    } finally {
      await Promise.all(processes.map((connected) => connected.close()));
    }
  });

  it('holds every right everywhere and for ever, whatever the one before it was left', async () => {
    await tokens.putBootstrap(first);
    const rights = { isSuperuser: false, grants: [{ permission: 'view_event' as const }], reach: [] };
    await tokens.change(OPERATOR, 'bootstrap', () => ({ rights, expiresAt: new Date(Date.now() + 60_000) }));
    expect(await tokens.putBootstrap(first)).toBe('unchanged');
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ isSuperuser: false });
    await tokens.putBootstrap(second);

    expect(await tokens.authenticate(second, 'write')).toMatchObject({
      isSuperuser: true,
      permissions: new Set(),
      reach: [{ realm: 'authentik' }, { realm: 'strata' }, { realm: 'astra' }],
    });
    expect(await tokens.find({ identifier: 'bootstrap' })).toMatchObject({ expiresAt: null });
  });

  it('keeps its identifier to itself, also before there is one', async () => {
    await expect(tokens.create(wanted({ identifier: 'bootstrap' }))).rejects.toMatchObject({
      code: 'IDENTIFIER_TAKEN',
    });
    expect(await tokens.putBootstrap(first)).toBe('created');
  });

  it('is told of in an event where it is new or another one, and not at other starts', async () => {
    await tokens.putBootstrap(first);
    await tokens.putBootstrap(first);
    await tokens.putBootstrap(second);
    const events = await database.query<{ action: string; model_pk: string; username: string }>(
      'SELECT action, model_pk, username FROM events ORDER BY created_at, action',
    );

    expect(events).toEqual([
      { action: 'model_created', model_pk: '6f6f7473747241708000000000000002', username: 'operator' },
      { action: 'model_updated', model_pk: '6f6f7473747241708000000000000002', username: 'operator' },
    ]);
  });

  it('is not the token of somebody else, who keeps it', async () => {
    const token = await tokens.create(wanted());
    expect(await tokens.putBootstrap(token)).toBe('taken');
    await tokens.putBootstrap(first);
    expect(await tokens.putBootstrap(token)).toBe('taken');
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody', isSuperuser: false });
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
  });

  it('is let in where an operator has made a token for a principal of its name', async () => {
    await tokens.create(wanted({ username: 'bootstrap' }));
    expect(await tokens.putBootstrap(first)).toBe('created');
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap' });
  });

  it('holds every right there too', async () => {
    await tokens.create(wanted({ username: 'bootstrap' }));
    await tokens.putBootstrap(first);
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ isSuperuser: true });
  });
});
