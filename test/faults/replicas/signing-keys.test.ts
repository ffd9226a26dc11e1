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
import { whileLocked } from '../../support/held-lock.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startReplicas, stopReplicas } from '../../support/replicas.ts';
import { commandOn } from '../../support/store.ts';
import { printFigures } from '../support/figures.ts';

/** Whoever rotates has found the name of the next key free by then, and waits to write it. */
const LOCK = { table: 'keypairs' };
const ASKS_EACH = 3;

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

  const seen = { certain: 0, waited: 0, unanswered: 0 };
  const given: string[] = [];
  for (let round = 1; round <= 2; round++) {
    const isLast = round === 2;
    const racing = await whileLocked(database, LOCK, async ({ untilWaiting, waiting }) => {
      let answers = askEach(replicas, client);
      answers.catch(() => {});
      if (isLast) {
        // Each process believes for some seconds what it read; then it finds the key too old.
        let isAnswered = true;
        while (isAnswered) {
          isAnswered = await Promise.race([answers.then(() => true), untilWaiting({ processes: 3 }).then(() => false)]);
          answers = isAnswered ? askEach(replicas, client) : answers;
        }
        await present(replicas[2]).kill();
      } else {
        await untilWaiting({ processes: 3 });
      }
      seen.waited += (await waiting()).size;
      seen.certain++;
      return () => answers;
    });
    const found = await racing();
    const fresh = found.filter((token) => token !== undefined);
    seen.unanswered += found.length - fresh.length;
    given.push(...fresh);
    const keys = await signingKeys();
    expect(keys.map(({ name }) => name)).toEqual(
      Array.from({ length: round }, (_, index) => `access-token-signing-key-${index + 1}`),
    );
    expect(new Set(fresh.map((token) => headerOf(token)['kid']))).toEqual(new Set([keys.at(-1)?.id]));
    await database.query(
      "UPDATE keypairs SET created_at = created_at - interval '400 days' WHERE name LIKE 'access-token-%'",
    );
  }

  const living = replicas.slice(0, 2);
  printFigures(
    `signing keys on 3 replicas: ${seen.certain} rotations by all three at once for certain (${seen.waited} waited to write the same name; ` +
      `losers: ${seen.waited - seen.certain}), one killed as it wrote; ${given.length} access tokens, ${seen.unanswered} requests unanswered`,
  );
  expect(seen.unanswered).toBeGreaterThan(0);
  for (const replica of living) {
    const keys = await publicKeys(replica);
    const last = given.slice(-ASKS_EACH);
    expect(last.map((token) => isSigned(token, keys))).toEqual(last.map(() => true));
    expect(await Promise.all(last.map((token) => tryBearer(replica, token)))).toEqual(last.map(() => LET_IN));
  }
});
