import { expect, onTestFinished, test } from 'vitest';
import { signingKeys } from '../../src/dialects/strata/oauth2/signing-keys.ts';
import type { Keypairs } from '../../src/keypairs/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import {
  accessTokenOf,
  headerOf,
  isSigned,
  LET_IN,
  makeClient,
  publicKeys,
  tryBearer,
} from '../dialects/strata/oauth2/support/oauth.ts';
import { createDatabase } from '../support/database.ts';
import { startServer } from '../support/server.ts';
import { commandOn } from '../support/store.ts';
import { printFigures } from './support/figures.ts';
import { faultRounds } from './support/rounds.ts';

test('two replicas that rotate at once end with one new key each time, by which both sign', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const kek = generateKek();
  let time = 0;
  let made = 0;
  let lost = 0;
  let letFirstGo: (() => void) | undefined;
  const open = async () => {
    const { keypairs } = await commandOn(database, kek);
    const generate: Keypairs['generate'] = async (...parameters) => {
      // By then both have found the name of the next key free.
      if (letFirstGo === undefined) {
        await new Promise<void>((resolve) => {
          letFirstGo = resolve;
        });
      } else {
        letFirstGo();
        letFirstGo = undefined;
      }
      try {
        const keypair = await keypairs.generate(...parameters);
        made++;
        return keypair;
      } catch (error) {
        lost++;
        throw error;
      }
    };
    const options = { signingKeyDays: 1, now: () => new Date(), monotonic: () => time };
    return signingKeys({ ...options, keypairs: { ...keypairs, generate } });
  };
  const replicas = [await open(), await open()];

  const rounds = faultRounds(4);
  for (let round = 1; round <= rounds; round++) {
    const signers = await Promise.all(replicas.flatMap((replica) => [replica.openCurrent(), replica.openCurrent()]));
    const kids = new Set(signers.map(({ kid }) => kid));
    const name = `access-token-signing-key-${round}`;
    const newest = await database.query<{ id: string }>('SELECT id FROM keypairs WHERE name = $1', [name]);
    expect([...kids]).toEqual(newest.map(({ id }) => id));
    expect(made).toBe(round);
    await database.query("UPDATE keypairs SET created_at = created_at - interval '1 day'");
    time += 5000;
  }
  printFigures(
    `two replicas that rotate at once, ${rounds} times: ${made} keys stored, ${lost} refused for another's sake`,
  );
  expect(lost).toBe(rounds);
});

test('an access token of one server is let in by another, after a restart and after a rotation of KEKs', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const [old, young] = [generateKek(), generateKek()];
  const one = await startServer({ kek: `${old},${young}` }, database);
  const two = await startServer({ kek: `${old},${young}`, bootstrapToken: one.token }, database);
  const client = await makeClient(one);
  const tokens = await Promise.all([accessTokenOf(one, client), accessTokenOf(two, client)]);
  expect(new Set(tokens.map((token) => headerOf(token)['kid'])).size).toBe(1);
  for (const server of [one, two]) {
    const keys = await publicKeys(server);
    expect(tokens.map((token) => isSigned(token, keys))).toEqual([true, true]);
    expect(await Promise.all(tokens.map((token) => tryBearer(server, token)))).toEqual([LET_IN, LET_IN]);
  }
  const { keks } = await commandOn(database, `${old},${young}`);
  const { failed } = await keks.rotate({ force: true, watcher: { onBegin() {}, onProgress() {}, onFailure() {} } });
  expect(failed).toBe(0);
  await one.close();
  await two.close();
  for (const { id } of (await keks.list()).filter(({ state }) => state === 'openable')) {
    await keks.retire(id);
  }

  const later = await startServer({ kek: young, bootstrapToken: one.token }, database);
  try {
    const another = await accessTokenOf(later, client);
    expect(headerOf(another)['kid']).toBe(headerOf(tokens[0] ?? '')['kid']);
    expect(await Promise.all([...tokens, another].map((token) => tryBearer(later, token)))).toEqual([
      LET_IN,
      LET_IN,
      LET_IN,
    ]);
  } finally {
    await later.close();
  }
});
