import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateToken, TokenInvalid, type Tokens, tokenRepository, tokenService } from '../../src/access/index.ts';
import { type Database, openDatabase, StoreUnavailable } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let connections: Database;
let tokens: Tokens;

function connect(url: string, timeoutMs = 30_000): Database {
  return openDatabase({ url, poolSize: 2, timeoutMs, preparedStatements: true, log: { warn() {} } });
}

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  connections = connect(database.url);
  tokens = tokenService(tokenRepository(connections));
});
afterEach(async () => {
  await connections.close();
  await database.query('DELETE FROM principals');
});

const somebody = { username: 'somebody', isSuperuser: false, description: '' };

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

/** Makes a token, of which only the text is wanted. */
async function make(wanted: Parameters<Tokens['create']>[0]): Promise<string> {
  return (await tokens.create(wanted)).token;
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
    const token = await make(somebody);
    expect(await tokens.authenticate(token, 'write')).toEqual({
      tokenId: expect.any(String),
      id: expect.any(String),
      username: 'somebody',
      isSuperuser: false,
    });
  });

  it('speaks for the same principal as another of that name, and each is let in', async () => {
    const [first, second] = [await make(somebody), await make({ ...somebody, description: 'again' })];
    expect(first).not.toBe(second);
    const [one, other] = [await tokens.authenticate(first, 'write'), await tokens.authenticate(second, 'write')];
    expect(one.id).toBe(other.id);
    expect(one.tokenId).not.toBe(other.tokenId);
    expect(await database.query('SELECT 1 FROM principals')).toHaveLength(1);
  });

  it('may give its principal every right, and never takes it away', async () => {
    const first = await make(somebody);
    await make({ ...somebody, isSuperuser: true });
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ isSuperuser: true });
    await make(somebody);
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ isSuperuser: true });
  });

  it('gives rights to nobody else', async () => {
    const token = await make(somebody);
    await make({ ...somebody, username: 'root', isSuperuser: true });
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody', isSuperuser: false });
  });

  it('is stored for all callers who come with one new name at once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => make(somebody)));
    const principals = await Promise.all(made.map((token) => tokens.authenticate(token, 'write')));
    expect(new Set(principals.map(({ id }) => id)).size).toBe(1);
  });

  it('is nowhere in the database', async () => {
    const token = await make({ ...somebody, description: 'for the build' });
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
    const expired = await make(somebody);
    await expire('-1 second');
    const expiry = await refusalOf(expired);
    const revoked = await make(somebody);
    await database.query('UPDATE tokens SET expires_at = NULL, revoked_at = now()');
    const revocation = await refusalOf(revoked);
    for (const refused of [expiry, revocation]) {
      expect({ ...refused, message: refused.message }).toEqual({ ...unknown, message: unknown.message });
    }
    expect(unknown.code).toBe('TOKEN_INVALID');
  });

  it('not before it expires', async () => {
    const token = await make(somebody);
    await expire('1 hour');
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody' });
  });

  it('once its principal is gone', async () => {
    const token = await make(somebody);
    await database.query('DELETE FROM principals');
    await refusalOf(token);
  });

  it('where one character differs, or its case, or a blank is with it', async () => {
    const token = await make(somebody);
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
    const offline = tokenService(tokenRepository(nowhere));
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
    await make(somebody);
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
    const token = await make(somebody);
    expect(await tokens.authenticate(token, 'read')).toMatchObject({ username: 'somebody' });
    await database.query('UPDATE tokens SET revoked_at = now()');

    expect(await tokens.authenticate(token, 'read')).toMatchObject({ username: 'somebody' });
    await refusalOf(token);
    const elsewhere = tokenService(tokenRepository(connections));
    await expect(elsewhere.authenticate(token, 'read')).rejects.toThrow(TokenInvalid);
  });

  it('is refused to reads at once in the process that changed it', async () => {
    const [first, second] = [generateToken(), generateToken()];
    await tokens.putBootstrap(first);
    expect(await tokens.authenticate(first, 'read')).toMatchObject({ username: 'bootstrap' });
    await tokens.putBootstrap(second);

    await expect(tokens.authenticate(first, 'read')).rejects.toThrow(TokenInvalid);
  });

  it('gives its reads what its principal gained in this process', async () => {
    const token = await make(somebody);
    expect(await tokens.authenticate(token, 'read')).toMatchObject({ isSuperuser: false });
    await make({ ...somebody, isSuperuser: true });

    expect(await tokens.authenticate(token, 'read')).toMatchObject({ isSuperuser: true });
  });
});

describe('the bootstrap token', () => {
  const [first, second] = [generateToken(), generateToken()];
  const rows = () => database.query<{ id: string; hash: Buffer }>('SELECT id, hash FROM tokens');

  it('is created once, stays, and is replaced by another, which alone is let in', async () => {
    expect(await tokens.putBootstrap(first)).toBe('created');
    expect(await tokens.putBootstrap(first)).toBe('unchanged');
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
    expect(await tokens.putBootstrap(second)).toBe('replaced');
    expect(await tokens.authenticate(second, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
    await refusalOf(first);
    expect(await tokens.putBootstrap(second)).toBe('unchanged');
    expect(await rows()).toHaveLength(1);
  });

  it('is one row, whichever of ten processes writes it first', async () => {
    const processes = Array.from({ length: 10 }, () => connect(database.url));
    try {
      const outcomes = await Promise.all(
        processes.map((connected) => tokenService(tokenRepository(connected)).putBootstrap(first)),
      );
      expect(outcomes.sort()).toEqual(['created', ...Array<string>(9).fill('unchanged')]);
    } finally {
      await Promise.all(processes.map((connected) => connected.close()));
    }
    expect(await rows()).toHaveLength(1);
    expect(await database.query('SELECT 1 FROM principals')).toHaveLength(1);
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap' });
  });

  it('is let in again when another one takes the place of a revoked one', async () => {
    await tokens.putBootstrap(first);
    await database.query('UPDATE tokens SET revoked_at = now()');
    await refusalOf(first);
    expect(await tokens.putBootstrap(first)).toBe('unchanged');
    await refusalOf(first);
    expect(await tokens.putBootstrap(second)).toBe('replaced');
    expect(await tokens.authenticate(second, 'write')).toMatchObject({ username: 'bootstrap' });
  });

  it('is not the token of somebody else, who keeps it', async () => {
    const token = await make(somebody);
    expect(await tokens.putBootstrap(token)).toBe('taken');
    await tokens.putBootstrap(first);
    expect(await tokens.putBootstrap(token)).toBe('taken');
    expect(await tokens.authenticate(token, 'write')).toMatchObject({ username: 'somebody', isSuperuser: false });
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap', isSuperuser: true });
  });

  it('is let in where an operator has made a token for a principal of its name', async () => {
    await make({ ...somebody, username: 'bootstrap' });
    expect(await tokens.putBootstrap(first)).toBe('created');
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ username: 'bootstrap' });
  });

  it('holds every right there too', async () => {
    await make({ ...somebody, username: 'bootstrap' });
    await tokens.putBootstrap(first);
    expect(await tokens.authenticate(first, 'write')).toMatchObject({ isSuperuser: true });
  });
});
