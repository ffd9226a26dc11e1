import { expect, onTestFinished, test } from 'vitest';
import {
  accessTokenOf,
  type Client,
  headerOf,
  isSigned,
  LET_IN,
  publicKeys,
  tryBearer,
} from '../../dialects/strata/oauth2/support/oauth.ts';
import { createDatabase } from '../../support/database.ts';
import { type HeldLock, whileLocked } from '../../support/held-lock.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startReplicas, stopReplicas } from '../../support/replicas.ts';
import { commandOn } from '../../support/store.ts';
import { until } from '../../support/until.ts';
import { printFigures } from '../support/figures.ts';

/** Whoever rotates has found the name of the next key free by then, and waits to write it. */
const LOCK = { table: 'keypairs' };
const ASKS_EACH = 3;

const kidOf = (token: string) => headerOf(token)['kid'];
const answeredOf = (tokens: readonly (string | undefined)[]) => tokens.filter((token) => token !== undefined);

/** An access token, or nothing where the replica was killed. */
const askEach = (replicas: readonly Replica[], client: Client) =>
  Promise.all(
    replicas.flatMap((replica) =>
      Array.from({ length: ASKS_EACH }, () =>
        accessTokenOf(replica, client).catch((error: unknown) => {
          if (error instanceof TypeError) {
            return undefined;
          }
          throw error;
        }),
      ),
    ),
  );

/**
 * Asks each replica until it waits for the lock: for some seconds it believes in the key that it read, and answers without.
 *
 * @returns gives what those that wait will be answered
 */
async function askUntilAllWait(replicas: readonly Replica[], client: Client, waiting: HeldLock['waiting']) {
  const asked = new Map<Replica, { readonly answers: ReturnType<typeof askEach>; isOver: boolean }>();
  const ask = (replica: Replica) => {
    const asking = { answers: askEach([replica], client), isOver: false };
    const end = () => {
      asking.isOver = true;
    };
    asking.answers.then(end, end);
    asked.set(replica, asking);
  };
  await until(async () => {
    const found = await waiting();
    for (const replica of replicas.filter(({ name }) => !found.has(name))) {
      if (asked.get(replica)?.isOver !== false) {
        ask(replica);
      }
    }
    return replicas.every(({ name }) => found.has(name));
  });
  return async () => (await Promise.all([...asked.values()].map(({ answers }) => answers))).flat();
}

test('three replicas that rotate the signing key at once, of which one is killed, end with one new key each time', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const shared = cluster(database);
  const replicas = await startReplicas(shared, 3);
  onTestFinished(() => stopReplicas(replicas));
  const { tokens } = await commandOn(database, shared.kek);
  const rights = { isSuperuser: true, grants: [], reach: [{ realm: 'strata' as const }] };
  const named = { username: 'raced', identifier: 'raced', description: '', expiresAt: null };
  const client = { id: '', identifier: 'raced', secret: await tokens.create({ ...named, ...rights }) };
  const signingKeys = () =>
    database.query<{ id: string; name: string }>(
      "SELECT id, name FROM keypairs WHERE name LIKE 'access-token-signing-key-%' ORDER BY created_at",
    );

  const living = () => (seen.unanswered > 0 ? replicas.slice(0, 2) : replicas);
  const seen = { certain: 0, waited: 0, unanswered: 0 };
  const given: string[] = [];
  for (let round = 1; round <= 2; round++) {
    const racing = await whileLocked(database, LOCK, async ({ waiting }) => {
      const answers = await askUntilAllWait(replicas, client, waiting);
      seen.waited += [...(await waiting()).values()].reduce((sum, connections) => sum + connections, 0);
      seen.certain++;
      if (round === 2) {
        await present(replicas[2]).kill();
      }
      return answers;
    });
    const found = await racing();
    const answered = answeredOf(found);
    seen.unanswered += found.length - answered.length;
    const before = (await signingKeys()).slice(0, -1);
    // All of them waited for the new key, so that none of them believes in the one before any more.
    const fresh = answeredOf(await askEach(living(), client));
    given.push(...answered, ...fresh);
    const keys = await signingKeys();
    expect(keys.map(({ name }) => name)).toEqual(
      Array.from({ length: round }, (_, index) => `access-token-signing-key-${index + 1}`),
    );
    expect(new Set(fresh.map(kidOf))).toEqual(new Set([keys.at(-1)?.id]));
    // A request that came before its process found the key too old was still signed by that one.
    const known: unknown[] = [...before.slice(-1), ...keys.slice(-1)].map(({ id }) => id);
    expect(answered.map(kidOf).filter((kid) => !known.includes(kid))).toEqual([]);
    await database.query(
      "UPDATE keypairs SET created_at = created_at - interval '400 days' WHERE name LIKE 'access-token-%'",
    );
  }

  printFigures(
    `signing keys on 3 replicas: ${seen.certain} rotations by all three at once for certain (${seen.waited} waited to write the same name; ` +
      `losers: ${seen.waited - seen.certain}), one killed as it wrote; ${given.length} access tokens, ${seen.unanswered} requests unanswered`,
  );
  expect(seen.unanswered).toBeGreaterThan(0);
  for (const replica of living()) {
    const keys = await publicKeys(replica);
    const last = given.slice(-ASKS_EACH);
    expect(last.map((token) => isSigned(token, keys))).toEqual(last.map(() => true));
    expect(await Promise.all(last.map((token) => tryBearer(replica, token)))).toEqual(last.map(() => LET_IN));
  }
}, 180_000);
