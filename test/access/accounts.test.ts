import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountId, AccountNotFound, type Accounts } from '../../src/access/index.ts';
import { type Actor, OPERATOR } from '../../src/audit/index.ts';
import { type Database, StoreUnavailable } from '../../src/database/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { openServices } from '../keypairs/support.ts';
import { anEntry } from '../keypairs/trust/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { accountsOn, outcomeOf } from './support/accounts.ts';
import { connect } from './support/tokens.ts';

let database: TestDatabase;
let connections: Database;
let store: Store;
let accounts: Accounts;
beforeAll(async () => {
  database = await createDatabase();
  connections = connect(database.url);
  store = await openServices(database);
  ({ accounts } = store);
});
afterAll(async () => {
  await store.close();
  await connections.close();
  await database.drop();
});

const ACTOR: Actor = { ...OPERATOR, id: '7c2b1a3e-90a4-4a53-8f0b-1b0c5a1de001' as Actor['id'], username: 'somebody' };

const stored = async (name: string) =>
  (await database.query<{ id: string }>('SELECT id FROM accounts WHERE name = $1', [name])).map(({ id }) => id);
/** What is told of an account, the oldest first. */
const told = (id: string) =>
  database.query(
    `SELECT action, username, context::jsonb #>> '{model,name}' AS name FROM events
     WHERE model_app = 'certkeep' AND model_name = 'account' AND model_pk = replace($1::text, '-', '') ORDER BY created_at, id`,
    [id],
  );

describe('an account that is made', () => {
  it('has an id that clients take for one, and is found by that and by its name', async () => {
    const name = `Lab ${randomUUID()} ü`;
    const account = await accounts.create(ACTOR, { name: ` ${name}\t` });

    expect(account).toEqual({ id: expect.any(String), name, createdAt: expect.any(Date) });
    expect(account.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Math.abs(account.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await accounts.find(account.id)).toEqual(account);
    expect(await accounts.find(` ${name}`)).toEqual(account);
    expect(await accounts.find(name.toUpperCase())).toBeUndefined();
    expect(await told(account.id)).toEqual([{ action: 'model_created', username: 'somebody', name }]);
  });

  it.each([
    ['version 4', '6f0a4c5e-3b1d-4e27-9c80-0d4f5a6b7c8d'],
    ['version 5, whose variant may be any', '6f0a4c5e-3b1d-5e27-0c80-0d4f5a6b7c8d'],
  ])('has the id that was asked for: a UUID of %s', async (_version, id) => {
    expect(await accounts.create(ACTOR, { name: id.slice(0, 20), id })).toMatchObject({ id });
    expect(await outcomeOf(accounts.create(ACTOR, { name: randomUUID().slice(1), id }))).toBe('ID_TAKEN');
    expect(await told(id)).toHaveLength(1);
    await accounts.remove(ACTOR, id);
  });

  it('may have a name of 1024 bytes', async () => {
    const name = `${randomUUID()}${'ü'.repeat(494)}`;
    await accounts.create(ACTOR, { name });
    expect(Buffer.byteLength(name)).toBe(1024);
    expect(await stored(name)).toHaveLength(1);
  });
});

describe('an account is refused', () => {
  it.each([
    ['without a name', ''],
    ['with a name of blanks', ' \t\u00a0'],
    ['with a name of 1025 bytes', `${'ü'.repeat(512)}x`],
    ['with U+0000 in its name', 'a\0b'],
    ['with a line break in its name', 'a\nb'],
    ['with a control character of two bytes in its name', 'a\u009bb'],
    ['with half a surrogate pair in its name', 'a\ud800b'],
    ['with an id for its name', randomUUID()],
    ['with an id in capitals for its name', randomUUID().toUpperCase()],
  ])('%s', async (_what, name) => {
    const count = async () => (await database.query('SELECT 1 FROM accounts')).length;
    const before = await count();
    expect(await outcomeOf(accounts.create(ACTOR, { name }))).toBe('NAME_INVALID');
    expect(await count()).toBe(before);
  });

  it.each([
    ['that is none', 'lab'],
    ['in capitals', '6F0A4C5E-3B1D-4E27-9C80-0D4F5A6B7C8D'],
    ['without its dashes', '6f0a4c5e3b1d4e279c800d4f5a6b7c8d'],
    ['of version 1', '6f0a4c5e-3b1d-1e27-9c80-0d4f5a6b7c8d'],
    ['that stands for the system', '00000000-0000-0000-0000-000000000000'],
  ])('with an id %s', async (_what, id) => {
    expect(await outcomeOf(accounts.create(ACTOR, { name: 'any', id }))).toBe('ID_INVALID');
  });

  it('where its name is taken, also of two that come at once', async () => {
    const name = `twice ${randomUUID()}`;
    const both = await Promise.all([1, 2].map(() => outcomeOf(accounts.create(ACTOR, { name }))));

    expect(both.filter((outcome) => outcome === 'NAME_TAKEN')).toHaveLength(1);
    const [id = ''] = await stored(name);
    expect(both).toContainEqual(expect.objectContaining({ id, name }));
    expect(await told(id)).toHaveLength(1);
  });

  it('where its event can not be written', async () => {
    const name = `unheard ${randomUUID()}`;
    await database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$;
      CREATE TRIGGER refuse AFTER INSERT ON events FOR EACH ROW WHEN (NEW.context LIKE '%unheard %') EXECUTE FUNCTION refuse()`);
    const { id } = await accounts.create(ACTOR, { name: name.slice(2) });

    await expect(accounts.create(ACTOR, { name })).rejects.toThrow();
    await expect(accounts.rename(ACTOR, id, name)).rejects.toThrow();
    expect(await stored(name)).toEqual([]);
    await database.query('UPDATE accounts SET name = $1 WHERE id = $2', [name, id]);
    await expect(accounts.remove(ACTOR, id)).rejects.toThrow();
    expect(await stored(name)).toEqual([id]);
  });
});

describe('an account', () => {
  it('is renamed by its id or its name, and keeps its id', async () => {
    const [first, second, third] = [1, 2, 3].map((turn) => `name ${turn} ${randomUUID()}`) as [string, string, string];
    const { id } = await accounts.create(ACTOR, { name: first });

    expect(await accounts.rename(ACTOR, first, second)).toMatchObject({ id, name: second });
    expect(await accounts.rename(ACTOR, id, ` ${third} `)).toMatchObject({ id, name: third });
    expect(await accounts.find(id)).toMatchObject({ name: third });
    expect(await accounts.find(first)).toBeUndefined();
    expect((await told(id)).map(({ action, name }) => [action, name])).toEqual([
      ['model_created', first],
      ['model_updated', second],
      ['model_updated', third],
    ]);
  });

  it('keeps its name where the other is taken or none, and nothing is told', async () => {
    const name = `keeps ${randomUUID()}`;
    const { id } = await accounts.create(ACTOR, { name });
    const other = await accounts.create(ACTOR, { name: `other ${randomUUID()}` });

    expect(await outcomeOf(accounts.rename(ACTOR, id, other.name))).toBe('NAME_TAKEN');
    expect(await outcomeOf(accounts.rename(ACTOR, id, ' '))).toBe('NAME_INVALID');
    expect(await stored(name)).toEqual([id]);
    expect(await told(id)).toHaveLength(1);
  });

  it('is deleted by its id or its name', async () => {
    for (const by of ['id', 'name'] as const) {
      const account = await accounts.create(ACTOR, { name: `by ${by} ${randomUUID()}` });
      await accounts.remove(ACTOR, account[by]);
      expect(await accounts.find(account.id)).toBeUndefined();
      expect((await told(account.id)).map(({ action }) => action)).toEqual(['model_created', 'model_deleted']);
    }
  });

  it('is deleted once, of many who delete it at once', async () => {
    const { id, name } = await accounts.create(ACTOR, { name: `once ${randomUUID()}` });
    const outcomes = await Promise.all([id, name, id, name].map((by) => outcomeOf(accounts.remove(ACTOR, by))));

    expect(outcomes.toSorted()).toEqual([...Array(3).fill('ACCOUNT_NOT_FOUND'), undefined]);
    expect(await told(id)).toHaveLength(2);
  });

  it('is not deleted while it keeps a certificate', async () => {
    const { id, name } = await accounts.create(ACTOR, { name: `in use ${randomUUID()}` });
    const { certificate } = opensslPair();
    const [one, other] = [
      await store.trust.add(ACTOR, id, anEntry(certificate)),
      await store.trust.add(ACTOR, id, anEntry(certificate)),
    ];

    expect(await outcomeOf(accounts.remove(ACTOR, name))).toBe('ACCOUNT_IN_USE');
    expect(await told(id)).toHaveLength(1);
    expect((await accounts.list()).find((each) => each.id === id)).toMatchObject({ name, certificates: 2 });
    await store.trust.remove(ACTOR, id, one.id, () => {});
    expect(await outcomeOf(accounts.remove(ACTOR, id))).toBe('ACCOUNT_IN_USE');
    await store.trust.remove(ACTOR, id, other.id, () => {});
    await accounts.remove(ACTOR, name);
    expect(await stored(name)).toEqual([]);
  });

  it.each([
    ['an id', randomUUID()],
    ['a name', 'never made'],
    ['a text that is neither', 'a\0b'],
  ])('that never was is neither found, renamed nor deleted: by %s', async (_what, text) => {
    expect(await accounts.find(text)).toBeUndefined();
    await expect(accounts.rename(ACTOR, text, 'x')).rejects.toThrow(AccountNotFound);
    await expect(accounts.remove(ACTOR, text)).rejects.toThrow(AccountNotFound);
  });

  it('is listed in the order of names', async () => {
    for (const name of ['b', 'a', 'C']) {
      await accounts.create(ACTOR, { name: `listed ${name}` });
    }
    const names = (await accounts.list()).map(({ name }) => name).filter((name) => name.startsWith('listed'));
    expect(names).toEqual(['listed C', 'listed a', 'listed b']);
  });
});

describe('whether an account exists', () => {
  const anId = () => randomUUID() as string as AccountId;

  it('is known at once of what is made and deleted here', async () => {
    const id = anId();
    expect(await accounts.exists(id)).toBe(false);
    await accounts.create(ACTOR, { name: `seen ${id}`, id });
    expect(await accounts.exists(id)).toBe(true);
    await accounts.remove(ACTOR, id);
    expect(await accounts.exists(id)).toBe(false);
  });

  it('is known within five seconds of what another process makes and deletes', async () => {
    let now = 0;
    const here = accountsOn(connections, () => now);
    const id = anId();
    expect(await here.exists(id)).toBe(false);
    await accounts.create(ACTOR, { name: `elsewhere ${id}`, id });
    now = 5000;
    expect(await here.exists(id)).toBe(true);
    await accounts.remove(ACTOR, id);
    now = 10_000;
    expect(await here.exists(id)).toBe(false);
  });

  it('is not known while the database is away', async () => {
    const away = connect('postgresql://nobody@127.0.0.1:1/none', 1000);
    await expect(accountsOn(away).exists(anId())).rejects.toThrow(StoreUnavailable);
    await away.close();
  });
});
