import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeypairError, type KeypairId } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { ACTOR, aContainer, openServices, signedBy, storePair } from '../keypairs/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { printFigures } from './support/figures.ts';

const PAIR = opensslPair();
const ROUNDS = 24;
const MAKERS = 6;
const REMOVERS = 4;

let database: TestDatabase;
/** Two servers' worth of connections. */
let stores: readonly [Store, Store];
beforeAll(async () => {
  database = await createDatabase();
  const kek = generateKek();
  stores = [await openServices(database, kek), await openServices(database, kek)];
});
afterAll(async () => {
  for (const store of stores) {
    await store.close();
  }
  await database.drop();
});

const storeOf = (writer: number) => stores[writer % 2] as Store;

/** What became of a write; whatever is no refusal of the domain ends the test. */
async function outcomeOf(write: Promise<unknown>, done: string): Promise<string> {
  try {
    await write;
    return done;
  } catch (error) {
    if (error instanceof KeypairError) {
      return error.code;
    }
    throw error;
  }
}

type Writer = () => Promise<string>;

const make = async () => PAIR;
const { signal } = new AbortController();

/** Who begins. The last two decide a round for sure, so that what follows from either is always seen. */
const BEGINNINGS = ['deletions', 'generations', 'one generation to its end', 'one deletion to its end'] as const;

/** Everybody at once: pairs signed by one that others delete. */
async function race(round: number) {
  const here = aContainer();
  const [first] = stores;
  const signer = await storePair(first, here, { name: 'signer', ...PAIR });
  const makers = Array.from({ length: MAKERS }, (_value, writer) => () => {
    const wanted = { name: `child ${writer}`, make, issuing: signedBy(signer) };
    return outcomeOf(storeOf(writer).keypairs.generate(ACTOR, here, wanted, signal), 'stored');
  });
  const removers = Array.from(
    { length: REMOVERS },
    (_value, writer) => () => outcomeOf(storeOf(writer).keypairs.remove(ACTOR, here, signer), 'removed'),
  );
  // A generation asks whether its name is free before it stores: deletions that begin with it are the first.
  const late = removers.map((remove) => async () => {
    await Promise.all(stores.map(({ keypairs }) => keypairs.exists(here, { name: randomUUID() })));
    return remove();
  });
  const begun = async (): Promise<readonly Promise<string>[]> => {
    switch (BEGINNINGS[round % BEGINNINGS.length]) {
      case 'deletions':
        return [...removers, ...makers].map((write) => write());
      case 'one generation to its end':
        return oneFirst(makers, removers);
      case 'one deletion to its end':
        return oneFirst(removers, makers);
      default:
        return [...makers, ...late].map((write) => write());
    }
  };
  const outcomes = await Promise.all(await begun());
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  return { here, signer, outcomes, count };
}

/** Begins all of the former, and the others as soon as one of them is done. */
async function oneFirst(former: readonly Writer[], others: readonly Writer[]): Promise<readonly Promise<string>[]> {
  const begun = former.map((write) => write());
  await Promise.race(begun);
  return [...begun, ...others.map((write) => write())];
}

/** What is stored, of which nothing may lack its other half. */
async function stored({ scope }: { readonly scope: string }, signer: KeypairId) {
  const rows = await database.query<{ signer_id: string | null; secrets: number; events: number }>(
    `SELECT k.signer_id, (SELECT count(*)::int FROM sealed_secrets s WHERE s.keypair_id = k.id AND s.revision = k.private_key_seal_revision) AS secrets,
       (SELECT count(*)::int FROM events e WHERE e.model_pk = replace(k.id::text, '-', '') AND e.action = 'model_created') AS events
     FROM keypairs k WHERE k.scope = $1`,
    [scope],
  );
  expect(rows.filter(({ secrets, events }) => secrets !== 1 || events !== 1)).toEqual([]);
  const children = rows.filter(({ signer_id: signerId }) => signerId === signer).length;
  const deletions = await database.query(
    "SELECT 1 FROM events WHERE action = 'model_deleted' AND model_pk = replace($1::text, '-', '')",
    [signer],
  );
  return { children, signers: rows.length - children, deletions: deletions.length };
}

test('of many that generate by one signer while others delete it, all win or all lose: no child is ever an orphan', async () => {
  const figures = { stayed: 0, gone: 0, inUse: 0, signerGone: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const { here, signer, outcomes, count } = await race(round);
    const isGone = count('removed') === 1;
    const children = count('stored');

    expect(await stored(here, signer)).toEqual({ children, signers: isGone ? 0 : 1, deletions: isGone ? 1 : 0 });
    expect(isGone ? children : count('SIGNER_GONE')).toBe(0);
    expect(count('stored') + count('SIGNER_GONE')).toBe(MAKERS);
    expect(count('removed') + count('KEYPAIR_IN_USE') + count('KEYPAIR_NOT_FOUND')).toBe(REMOVERS);
    expect(outcomes).toHaveLength(MAKERS + REMOVERS);
    figures[isGone ? 'gone' : 'stayed']++;
    figures.inUse += count('KEYPAIR_IN_USE');
    figures.signerGone += count('SIGNER_GONE');
  }
  printFigures(
    `signers deleted while they sign: ${figures.gone} went, and ${figures.signerGone} children were refused; ${figures.stayed} stayed, and ${figures.inUse} deletions were refused`,
  );
  expect(figures.gone).toBeGreaterThan(0);
  expect(figures.stayed).toBeGreaterThan(0);
});

test('a signer and its children that are all deleted at once are gone in the end, whoever is first', async () => {
  let refused = 0;
  for (let round = 0; round < 8; round++) {
    const here = aContainer();
    const [first] = stores;
    const signer = await storePair(first, here, { name: 'signer', ...PAIR });
    const children = await Promise.all(
      Array.from({ length: 5 }, (_value, n) =>
        storePair(storeOf(n), here, { name: `child ${n}`, ...PAIR }, signedBy(signer)),
      ),
    );
    const remove = (id: KeypairId, writer: number) =>
      outcomeOf(storeOf(writer).keypairs.remove(ACTOR, here, id), 'removed');
    const outcomes = await Promise.all([...children, signer].map(remove));

    expect(outcomes.slice(0, -1)).toEqual(children.map(() => 'removed'));
    const last = outcomes.at(-1) === 'KEYPAIR_IN_USE' ? await remove(signer, round) : outcomes.at(-1);
    expect(last).toBe('removed');
    refused += outcomes.at(-1) === 'KEYPAIR_IN_USE' ? 1 : 0;
    expect(await database.query('SELECT 1 FROM keypairs WHERE scope = $1', [here.scope])).toEqual([]);
  }
  printFigures(`signers deleted beside their children: 8, of which ${refused} were refused once`);
});
