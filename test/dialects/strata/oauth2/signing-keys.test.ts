import { createPrivateKey } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { newSigningKey } from '../../../../src/dialects/strata/oauth2/signing-key-pair.ts';
import { type SigningKeyStore, signingKeys } from '../../../../src/dialects/strata/oauth2/signing-keys.ts';
import { Busy, ServerEnding } from '../../../../src/keypairs/index.ts';
import type { Store } from '../../../../src/operations/index.ts';
import { generateKek } from '../../../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';
import { commandOn } from '../../../support/store.ts';

const LIFETIME = 900;
const STALENESS = 5;
const KEK = generateKek();

/** RSA takes its time: of most keys here it does not matter that they are the same. */
let material: Awaited<ReturnType<ReturnType<typeof newSigningKey>['make']>>;
beforeAll(async () => {
  material = await newSigningKey('made-once', 30, new Date()).make();
});

let database: TestDatabase;
let store: Store;
beforeEach(async () => {
  const created = await createDatabase();
  onTestFinished(() => created.drop());
  database = created;
  store = await commandOn(database, KEK);
});

function quick(): SigningKeyStore {
  const { keypairs } = store;
  const generate: SigningKeyStore['generate'] = (actor, placement, wanted, signal) =>
    keypairs.generate(actor, placement, { ...wanted, make: async () => material }, signal);
  return { ...keypairs, generate };
}

/** The keys as another process knows them, whose own clock this test sets. */
function replica(keypairs = quick()) {
  let time = 0;
  const keys = signingKeys({ keypairs, signingKeyDays: 30, now: () => new Date(), monotonic: () => time });
  return {
    ...keys,
    wait(seconds: number) {
      time += seconds * 1000;
    },
    kid: async () => (await keys.openCurrent()).kid,
    kids: async () => (await keys.published()).map(({ kid }) => kid),
  };
}

/** Lets time pass for the database. */
async function age(kid: string, seconds: number): Promise<void> {
  const change = "UPDATE keypairs SET created_at = created_at - $2::int * interval '1 second' WHERE id = $1";
  await database.query(change, [kid, seconds]);
}

const DAY = 86_400;
const stored = async () =>
  (
    await database.query<{ id: string }>("SELECT id FROM keypairs WHERE realm = 'strata' AND scope = '' ORDER BY name")
  ).map(({ id }) => id);
const events = async () =>
  database.query<{ action: string; username: string }>(
    "SELECT action, username FROM events WHERE model_name = 'certificatekeypair' ORDER BY created_at, id",
  );

describe('the first key', () => {
  it('is made by the first token, not by who asks for the public keys', async () => {
    const one = replica();
    expect(await one.kids()).toEqual([]);
    expect(await stored()).toEqual([]);
    const kids = await Promise.all([one.kid(), one.kid(), one.kid()]);
    expect(await stored()).toEqual([kids[0]]);
    expect(new Set(kids).size).toBe(1);
    expect(await events()).toEqual([{ action: 'model_created', username: 'certkeep' }]);
  });

  it('is RSA of 2048 bits, its private half is sealed, and only its public half is told', async () => {
    const one = replica(store.keypairs);
    const kid = await one.kid();
    const [row] = await database.query<{ managed: string; certificate_data: string; private_key_exportable: boolean }>(
      'SELECT managed, certificate_data, private_key_exportable FROM keypairs WHERE id = $1',
      [kid],
    );
    expect(row).toMatchObject({ managed: 'certkeep.strata.oauth2', private_key_exportable: false });
    expect(row?.certificate_data).toMatch(/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/);
    const { privateKey } = await store.keypairs.openForUse({ realm: 'strata', scope: '' }, kid as never);
    const { n, e } = createPrivateKey(privateKey ?? '').export({ format: 'jwk' });
    expect(await one.published()).toEqual([{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e }]);
    expect(Buffer.from(n ?? '', 'base64url')).toHaveLength(256);
    expect(await database.query('SELECT purpose FROM sealed_secrets WHERE keypair_id = $1', [kid])).toEqual([
      { purpose: 'private_key' },
    ]);
  });
});

describe('a rotation', () => {
  it('comes when the database says that the key is old, and other processes follow within five seconds', async () => {
    const [one, two] = [replica(), replica()];
    const old = await one.kid();
    expect(await two.kid()).toBe(old);
    await age(old, 30 * DAY - 60);
    one.wait(STALENESS);
    expect(await one.kid()).toBe(old);
    await age(old, 60);
    one.wait(STALENESS);
    const young = await one.kid();
    expect(young).not.toBe(old);
    two.wait(STALENESS - 0.1);
    expect(await two.kid()).toBe(old);
    two.wait(0.1);
    expect(await two.kid()).toBe(young);
    expect(await stored()).toEqual([old, young]);
  });

  it('keeps the old key until the last token ends that it can have signed; then nobody is told of it, and it is deleted', async () => {
    const one = replica();
    const old = await one.kid();
    const { kid: young } = await one.rotate(OPERATOR, { isRevoked: false });
    await age(young, LIFETIME + STALENESS);
    one.wait(STALENESS);
    expect(await one.kid()).toBe(young);
    expect(await one.kids()).toEqual([old, young]);
    expect(await one.find(old, 'read')).toBeDefined();
    // A minute is for who was slow.
    await age(young, 61);
    one.wait(STALENESS);
    expect(await one.kids()).toEqual([young]);
    expect(await one.find(old, 'read')).toBeUndefined();
    expect(await stored()).toEqual([old, young]);
    expect(await one.kid()).toBe(young);
    expect(await stored()).toEqual([young]);
    expect((await events()).map(({ action }) => action)).toEqual(['model_created', 'model_created', 'model_deleted']);
  });

  it('goes by the clock of the process between two reads', async () => {
    const one = replica();
    const old = await one.kid();
    await one.rotate(OPERATOR, { isRevoked: false });
    expect(await one.find(old, 'read')).toBeDefined();
    one.wait(STALENESS - 0.1);
    await age((await stored()).at(-1) ?? '', LIFETIME + STALENESS + 61);
    expect(await one.find(old, 'read')).toBeDefined();
    one.wait(0.2);
    expect(await one.find(old, 'read')).toBeUndefined();
  });

  it('that has to wait too long leaves the old key to sign; without any key the client has to wait', async () => {
    const busy = { ...store.keypairs, generate: () => Promise.reject(new Busy('KEY_GENERATION', 2)) };
    await expect(replica(busy).kid()).rejects.toBeInstanceOf(Busy);
    const old = await replica().kid();
    await age(old, 31 * DAY);
    expect(await replica(busy).kid()).toBe(old);
    const ending = { ...store.keypairs, generate: () => Promise.reject(new ServerEnding()) };
    expect(await replica(ending).kid()).toBe(old);
  });

  it('is known to another process as soon as that is shown a token of the new key, however lately it had asked', async () => {
    const [one, two] = [replica(), replica()];
    const old = await one.kid();
    expect(await two.find(old, 'read')).toBeDefined();
    const { kid } = await one.rotate(OPERATOR, { isRevoked: false });
    expect(await two.find(kid, 'read')).toBeDefined();
    expect(await two.find(crypto.randomUUID(), 'read')).toBeUndefined();
    expect(await replica().kids()).toEqual([old, kid]);
  });

  it('that revokes ends all tokens of before, and who still signs by the old key signs by the new one', async () => {
    const [one, two] = [replica(), replica()];
    const old = await one.kid();
    await two.kid();
    const { kid, removed } = await one.rotate(OPERATOR, { isRevoked: true });
    expect(removed).toBe(1);
    expect(await stored()).toEqual([kid]);
    expect(await one.find(old, 'read')).toBeUndefined();
    expect(await two.kid()).toBe(kid);
    expect((await events()).slice(1)).toEqual([
      { action: 'model_created', username: 'operator' },
      { action: 'model_deleted', username: 'operator' },
    ]);
  });
});

it('nobody else’s pair is taken for a signing key, wherever it lies', async () => {
  const one = replica();
  const kid = await one.kid();
  const { certificate } = await store.keypairs.openForUse({ realm: 'strata', scope: '' }, kid as never);
  const places = [
    { realm: 'strata', scope: '1/folder:Shared' },
    { realm: 'strata', scope: '' },
    { realm: 'authentik', scope: '' },
  ] as const;
  for (const place of places) {
    const { draft } = await store.keypairs.draft(place, { name: 'access-token-signing-key-9', certificate });
    const { id } = await store.keypairs.create(OPERATOR, place, draft as never);
    expect(await one.find(id, 'read')).toBeUndefined();
  }
  expect(await one.kids()).toEqual([kid]);
});
