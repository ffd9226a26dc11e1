import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountError } from '../../src/access/index.ts';
import { TrustError } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { ACTOR, openServices } from '../keypairs/support.ts';
import { anEntry } from '../keypairs/trust/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';

const ENTRY = anEntry(opensslPair().certificate);
const ROUNDS = 24;

let database: TestDatabase;
/** Two servers' worth of connections. */
let stores: readonly [Store, Store];
beforeAll(async () => {
  database = await createDatabase();
  const kek = generateKek();
  stores = [await openServices(database, kek), await openServices(database, kek)];
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

/** What became of a write; whatever is no refusal ends the test. */
async function outcomeOf(write: Promise<unknown>): Promise<string> {
  try {
    await write;
    return 'done';
  } catch (error) {
    if (error instanceof AccountError || error instanceof TrustError) {
      return error.code;
    }
    throw error;
  }
}

/** Of an account: whether it is there, how many certificates are stored for it, and how many events tell of both. */
async function stateOf(account: string) {
  const [state] = await database.query(
    `SELECT (SELECT count(*)::int FROM accounts WHERE id = $1::text::uuid) AS accounts,
       (SELECT count(*)::int FROM keypairs WHERE realm = 'astra' AND scope = $1::text) AS certificates,
       (SELECT count(*)::int FROM trust_entries WHERE account_id = $1::text::uuid) AS entries,
       (SELECT count(*)::int FROM events WHERE action = 'model_created' AND context LIKE '%"astra","scope":"' || $1::text || '"%') AS additions,
       (SELECT count(*)::int FROM events WHERE action = 'model_deleted' AND model_pk = replace($1::text, '-', '')) AS deletions`,
    [account],
  );
  return state;
}

/**
 * Of a deletion and additions at once.
 *
 * @param kind 0 to 3: by how many statements the additions begin later; 4 and 5 decide it for sure, for the additions and for the deletion
 */
async function outcomesOf(
  kind: number,
  remove: () => Promise<string>,
  addAll: (statementsLater: number) => readonly Promise<string>[],
): Promise<readonly string[]> {
  if (kind === 4) {
    const additions = addAll(0);
    await Promise.race(additions);
    return Promise.all([remove(), ...additions]);
  }
  const deletion = remove();
  if (kind === 5) {
    await deletion;
  }
  return Promise.all([deletion, ...addAll(kind === 5 ? 0 : kind)]);
}

test('of an account that is deleted while certificates are added, either stays whole: no certificate is ever without its account', async () => {
  const [one, other] = stores;
  const figures = { gone: 0, stayed: 0, additionsRefused: 0, deletionsRefused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const id = await anAccount(one);
    // An addition is one statement, a deletion several: what begins a few statements later meets them in the middle.
    const add = async (store: Store, statementsLater: number) => {
      for (let statement = 0; statement < statementsLater; statement++) {
        await store.accounts.find(id);
      }
      return outcomeOf(store.trust.add(ACTOR, id, ENTRY));
    };
    const remove = () => outcomeOf(other.accounts.remove(ACTOR, id));
    const addAll = (statementsLater: number) => [one, other, one].map((store) => add(store, statementsLater));
    const [deletion, ...additions] = await outcomesOf(round % 6, remove, addAll);

    const added = additions.filter((outcome) => outcome === 'done').length;
    const gone = deletion === 'done' ? 1 : 0;
    const certificates = { certificates: added, entries: added, additions: added };
    expect(await stateOf(id)).toEqual({ accounts: 1 - gone, deletions: gone, ...certificates });
    expect(additions).toEqual(additions.map(() => (gone === 1 ? 'ACCOUNT_GONE' : 'done')));
    figures[gone === 1 ? 'gone' : 'stayed']++;
    figures.additionsRefused += additions.length - added;
    figures.deletionsRefused += deletion === 'ACCOUNT_IN_USE' ? 1 : 0;
  }
  printFigures(
    `accounts deleted while certificates are added: ${figures.gone} went, and ${figures.additionsRefused} certificates were refused; ${figures.stayed} stayed, and ${figures.deletionsRefused} deletions were refused`,
  );
  expect(figures.gone).toBeGreaterThan(0);
  expect(figures.stayed).toBeGreaterThan(0);
});

/** Lets `write` wait for the lock of a transaction that has not ended yet, and ends that when it does. */
async function besideAnother<T>(account: string, lock: string, ending: string, write: () => Promise<T>): Promise<T> {
  const other = new Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM accounts WHERE id = '${account}' FOR ${lock}`);
    const writing = write();
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await database.query(waits)).length > 0);
    await other.query(ending);
    return await writing;
  } finally {
    await other.end();
  }
}

test('an addition that has not ended yet is waited for, and decides', async () => {
  const [store] = stores;
  const [kept, emptied] = [await anAccount(store), await anAccount(store)];
  const { id } = await store.trust.add(ACTOR, await anAccount(store), ENTRY);
  const remove = (account: string) => () => outcomeOf(store.accounts.remove(ACTOR, account));
  const move = `UPDATE trust_entries SET account_id = '${kept}' WHERE keypair_id = '${id}'; COMMIT`;

  // The lock by which the foreign key of what is added holds the account.
  expect(await besideAnother(kept, 'KEY SHARE', move, remove(kept))).toBe('ACCOUNT_IN_USE');
  expect(await besideAnother(emptied, 'KEY SHARE', 'ROLLBACK', remove(emptied))).toBe('done');
});

test('a deletion that has not ended yet is waited for, and decides', async () => {
  const [store] = stores;
  const [gone, kept] = [await anAccount(store), await anAccount(store)];
  const add = (account: string) => () => outcomeOf(store.trust.add(ACTOR, account, ENTRY));
  const deletion = `DELETE FROM accounts WHERE id = '${gone}'; COMMIT`;

  expect(await besideAnother(gone, 'UPDATE', deletion, add(gone))).toBe('ACCOUNT_GONE');
  expect(await besideAnother(kept, 'UPDATE', 'ROLLBACK', add(kept))).toBe('done');
});

async function anAccount({ accounts }: Store): Promise<string> {
  return (await accounts.create(ACTOR, { name: `account ${randomUUID()}` })).id;
}
