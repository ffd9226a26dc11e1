import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateToken, type NewToken, TokenInvalid, type Tokens } from '../../src/access/index.ts';
import { OPERATOR } from '../../src/audit/index.ts';
import { type Database, StoreUnavailable } from '../../src/database/index.ts';
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
});

/** How a token is refused: the three ways must read alike. */
async function refusalOf(token: string): Promise<TokenInvalid> {
  const refused = await tokens.authenticate(token, 'write').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TokenInvalid);
  return refused as TokenInvalid;
}

/** Every value of every table, as text and as the hexadecimal of its bytes. */
async function dump(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

/** Makes a token and returns its text. */
function make(overrides: Partial<NewToken> = {}): Promise<string> {
  return tokens.create(wanted(overrides));
}

describe('a token', () => {
  it('has a prefix that scanners know, and 256 random bits', () => {
    const made = Array.from({ length: 50 }, generateToken);
    expect(new Set(made).size).toBe(50);
    for (const token of made) {
      expect(token).toMatch(/^certkeep_[A-Za-z0-9_-]{43}$/);
    }
  });

  it('speaks for its principal', async () => {
    const token = await make();
    expect(await tokens.authenticate(token, 'write')).toEqual({
      tokenId: expect.any(String),
      id: expect.any(String),
      username: 'somebody',
      isSuperuser: false,
      permissions: new Set(),
      objectPermissions: new Map(),
      reach: [{ realm: 'authentik' }],
    });
  });

  it('speaks for the same principal as another of that name, and each is let in', async () => {
    const [first, second] = [await make(), await make({ description: 'again' })];
    expect(first).not.toBe(second);
    const [one, other] = [await tokens.authenticate(first, 'write'), await tokens.authenticate(second, 'write')];
    expect(one.id).toBe(other.id);
    expect(one.tokenId).not.toBe(other.tokenId);
    expect(await database.query('SELECT 1 FROM principals')).toHaveLength(1);
  });

  it('holds its own rights, whatever another of its principal holds', async () => {
    const first = await make({ grants: [{ permission: 'view_event' }] });
    const second = await make({ isSuperuser: true, reach: [{ realm: 'strata', scope: '1' }, { realm: 'authentik' }] });
    expect(await tokens.authenticate(first, 'write')).toMatchObject({
      isSuperuser: false,
      permissions: new Set(['view_event']),
    });
    expect(await tokens.authenticate(second, 'write')).toMatchObject({
      isSuperuser: true,
      permissions: new Set(),
      reach: [{ realm: 'strata', scope: '1' }, { realm: 'authentik' }],
    });
  });

  it('gives rights to nobody else', async () => {
    const token = await make();
    await make({ username: 'root', isSuperuser: true });
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody', isSuperuser: false });
  });

  it('is stored for all callers who come with one new name at once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => make()));
    const principals = await Promise.all(made.map((token) => tokens.authenticate(token, 'write')));
    expect(new Set(principals.map(({ id }) => id)).size).toBe(1);
  });

  it('is nowhere in the database', async () => {
    const token = await make({ description: 'for the build' });
    await tokens.putBootstrap('another-token-of-at-least-32-letters');
    const everything = await dump();
    // The dump does see what is there.
    expect(everything).toContain('for the build');
    expect(everything).toContain(createHash('sha256').update(token).digest('hex'));
    for (const secret of [token, token.slice(9), 'another-token-of-at-least-32-letters']) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(Buffer.from(secret).toString('hex'));
    }
    const bits = Buffer.from(token.slice(9), 'base64url').toString('hex');
    expect(everything).not.toContain(bits);
  });
});

describe('a token is refused', () => {
  const expire = (when: string) => database.query(`UPDATE tokens SET expires_at = now() + $1::interval`, [when]);

  it('in the same words, whether it is unknown, expired or revoked', async () => {
    const unknown = await refusalOf(generateToken());
    const expired = await make();
    await expire('-1 second');
    const expiry = await refusalOf(expired);
    const revoked = await make();
    await database.query('UPDATE tokens SET expires_at = NULL, revoked_at = now()');
    const revocation = await refusalOf(revoked);
    for (const refused of [expiry, revocation]) {
      expect({ ...refused, message: refused.message }).toEqual({ ...unknown, message: unknown.message });
    }
    expect(unknown.code).toBe('TOKEN_INVALID');
  });

  it('not before it expires', async () => {
    const token = await make();
    await expire('1 hour');
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody' });
  });

  it('once its principal is gone', async () => {
    const token = await make();
    await database.query('DELETE FROM principals');
    await refusalOf(token);
  });

  it('where one character differs, or its case, or a blank is with it', async () => {
    const token = await make();
    for (const other of [
      '',
      token.slice(0, -1),
      `${token}A`,
      ` ${token}`,
      `${token} `,
      token.toUpperCase(),
      token.slice(9),
    ]) {
      await refusalOf(other);
    }
  });

  it('without a question to the database where it is longer than any token', async () => {
    // Nothing listens there: whoever asks it fails otherwise.
    const nowhere = connect('postgresql://127.0.0.1:1/nowhere', 1000);
    const offline = tokensOn(nowhere);
    try {
      await expect(offline.authenticate('x'.repeat(1025), 'write')).rejects.toThrow(TokenInvalid);
      await expect(offline.authenticate('x'.repeat(1_000_000), 'write')).rejects.toThrow(TokenInvalid);
      await expect(offline.authenticate('x'.repeat(1024), 'write')).rejects.toThrow(StoreUnavailable);
    } finally {
      await nowhere.close();
    }
  });
});

describe('a usable token', () => {
  it('is one that is neither revoked nor expired', async () => {
    expect(await tokens.hasUsableToken()).toBe(false);
    await make();
    expect(await tokens.hasUsableToken()).toBe(true);
    await database.query(`UPDATE tokens SET expires_at = now() + interval '1 hour'`);
    expect(await tokens.hasUsableToken()).toBe(true);
    await database.query(`UPDATE tokens SET expires_at = now() - interval '1 second'`);
    expect(await tokens.hasUsableToken()).toBe(false);
    await database.query('UPDATE tokens SET expires_at = NULL, revoked_at = now()');
    expect(await tokens.hasUsableToken()).toBe(false);
  });
});

describe('a token that changes', () => {
  it('is refused to writes at once, and to reads of another process within five seconds', async () => {
    const token = await make();
    expect(await tokens.authenticate(token, 'read')).toMatchObject({ username: 'somebody' });
    await database.query('UPDATE tokens SET revoked_at = now()');

    expect(await tokens.authenticate(token, 'read')).toMatchObject({ username: 'somebody' });
    await refusalOf(token);
    const elsewhere = tokensOn(connections);
    await expect(elsewhere.authenticate(token, 'read')).rejects.toThrow(TokenInvalid);
  });

  it('is refused to reads at once in the process that changed it', async () => {
    const [first, second] = [generateToken(), generateToken()];
    await tokens.putBootstrap(first);
    expect(await tokens.authenticate(first, 'read')).toMatchObject({ username: 'bootstrap' });
    await tokens.putBootstrap(second);

    await expect(tokens.authenticate(first, 'read')).rejects.toThrow(TokenInvalid);
  });

  it('shows its reads at once what it may do since it was changed in this process', async () => {
    const identifier = randomUUID();
    const token = await make({ identifier });
    expect(await tokens.authenticate(token, 'read')).toMatchObject({ permissions: new Set() });
    const rights = { isSuperuser: false, grants: [{ permission: 'view_event' as const }], reach: [] };
    await tokens.change(OPERATOR, identifier, () => ({ rights }));

    expect(await tokens.authenticate(token, 'read')).toMatchObject({ permissions: new Set(['view_event']), reach: [] });
  });

  it('is refused to reads at once in the process that revoked it', async () => {
    const identifier = randomUUID();
    const token = await make({ identifier });
    await tokens.authenticate(token, 'read');
    await tokens.revoke(OPERATOR, identifier);

    await expect(tokens.authenticate(token, 'read')).rejects.toThrow(TokenInvalid);
  });
});
