import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { OPERATOR } from '../../src/audit/index.ts';
import type { Keypair } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { commandOn } from '../support/store.ts';
import { until } from '../support/until.ts';

const PAIR = opensslPair();
const PLACEMENT = { realm: 'authentik', scope: '' } as const;
const KEKS = [generateKek(), generateKek()].join(' ');
const QUIET = { force: false, watcher: { onBegin() {}, onProgress() {}, onFailure() {} } };

let database: TestDatabase;
beforeEach(async () => {
  const created = await createDatabase();
  // After everything that is connected to it was closed, which was opened later.
  onTestFinished(() => created.drop());
  database = created;
});

/** A store, and the KEK that it seals with, and the other one. Nothing tells it of a change within its five seconds. */
async function openStoreWithTwo() {
  const store = await commandOn(database, KEKS);
  const [first, second] = await store.keks.list();
  return { store, old: first?.id as string, young: second?.id as string };
}

async function create({ keypairs }: Store): Promise<Keypair> {
  const fields = { name: randomUUID(), certificate: PAIR.certificate, privateKey: PAIR.privateKey };
  const { draft, problems } = await keypairs.draft(PLACEMENT, fields);
  expect(problems).toEqual([]);
  return keypairs.create(OPERATOR, PLACEMENT, draft as Parameters<typeof keypairs.create>[2]);
}

async function change({ keypairs }: Store, { id }: Keypair): Promise<Keypair> {
  const { draft } = await keypairs.draft(PLACEMENT, { privateKey: PAIR.privateKey }, id);
  return keypairs.update(OPERATOR, PLACEMENT, id, draft);
}

async function kekOf({ id }: Keypair): Promise<string | undefined> {
  const rows = await database.query<{ kek_id: string }>('SELECT kek_id FROM sealed_secrets WHERE keypair_id = $1', [
    id,
  ]);
  return rows[0]?.kek_id;
}

/** A connection with an open transaction, which is ended after the test. */
async function transaction(): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  return client;
}

/** Waits until somebody waits for a lock. */
async function untilSomebodyWaits(): Promise<void> {
  await until(async () => {
    const [row] = await database.query<{ waiting: number }>(
      "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return row?.waiting === 1;
  });
}

const refusal = (attempt: Promise<unknown>) => attempt.catch((error: unknown) => error);

describe('a KEK', () => {
  it('can not be retired while it seals, nor while something is wrapped under it, of which the number is told', async () => {
    const { store, old, young } = await openStoreWithTwo();
    await create(store);
    await create(store);
    expect(await refusal(store.keks.retire(old))).toMatchObject({ code: 'SEALS' });
    await database.query("UPDATE keks SET state = 'openable', superseded = true WHERE id = $1", [old]);
    await database.query("UPDATE keks SET state = 'sealing' WHERE id = $1", [young]);
    expect(await refusal(store.keks.retire(old))).toMatchObject({
      code: 'STILL_WRAPS',
      message: expect.stringMatching(/^2 secrets are still wrapped/),
    });
    expect(await refusal(store.keks.retire(randomUUID()))).toMatchObject({ code: 'NOT_FOUND' });

    await store.keks.rotate(QUIET);
    expect(await store.keks.retire(old)).toBe(true);
    expect(await store.keks.retire(old.toUpperCase())).toBe(false);
    expect((await store.keks.list()).map(({ state }) => state)).toEqual(['retired', 'sealing']);
  });

  it('that is being retired waits for who is sealing under it, and is not retired if that is stored', async () => {
    const { store, old, young } = await openStoreWithTwo();
    const pair = await create(store);
    const client = await transaction();
    await client.query('UPDATE sealed_secrets SET kek_id = $2 WHERE keypair_id = $1', [pair.id, young]);
    const retiring = refusal(store.keks.retire(young));
    await untilSomebodyWaits();
    await client.query('COMMIT');

    expect(await retiring).toMatchObject({ code: 'STILL_WRAPS', message: expect.stringMatching(/^1 secret is /) });
    expect((await store.keks.list()).map(({ id, state }) => [id, state])).toEqual([
      [old, 'sealing'],
      [young, 'openable'],
    ]);
  });

  it('that is being retired waits for who is sealing under it, and is retired if that is given up', async () => {
    const { store, young } = await openStoreWithTwo();
    const pair = await create(store);
    const client = await transaction();
    await client.query('UPDATE sealed_secrets SET kek_id = $2 WHERE keypair_id = $1', [pair.id, young]);
    const retiring = store.keks.retire(young);
    await untilSomebodyWaits();
    await client.query('ROLLBACK');

    expect(await retiring).toBe(true);
  });

  it.each([
    ['stored', false],
    ['changed', true],
  ])(
    'that is retired in the moment in which a pair is %s seals nothing more: the pair is sealed under the other',
    async (_, exists) => {
      const earlier = await openStoreWithTwo();
      const pair = exists ? await create(earlier.store) : undefined;
      await earlier.store.keks.rotate(QUIET);
      await earlier.store.keks.rotate({ ...QUIET, to: earlier.old });
      // Believes for five seconds that the old one seals.
      const { store, old, young } = await openStoreWithTwo();
      await earlier.store.keks.rotate({ ...QUIET, to: young });
      const client = await transaction();
      await client.query("UPDATE keks SET state = 'retired' WHERE id = $1", [old]);
      const writing = pair === undefined ? create(store) : change(store, pair);
      await untilSomebodyWaits();
      await client.query('COMMIT');

      const written = await writing;
      expect(await kekOf(written)).toBe(young);
      expect(await store.keypairs.privateKeyText(OPERATOR, PLACEMENT, written.id)).toBe(PAIR.privateKey);
    },
  );

  it('that is retired is needed by no server any more, and opens nothing where it is given all the same', async () => {
    const { store, old } = await openStoreWithTwo();
    const pair = await create(store);
    await store.keks.rotate(QUIET);
    await store.keks.retire(old);
    const young = KEKS.split(' ')[1] as string;
    const alone = await commandOn(database, young);

    expect(await alone.keypairs.privateKeyText(OPERATOR, PLACEMENT, pair.id)).toBe(PAIR.privateKey);
    expect(await kekOf(await create(alone))).toBe((await store.keks.list())[1]?.id);
    await commandOn(database, KEKS);
    expect((await store.keks.list()).map(({ state }) => state)).toEqual(['retired', 'sealing']);
  });
});
