import { expect, onTestFinished, test, vi } from 'vitest';
import { generateToken } from '../../src/access/index.ts';
import { OPERATOR } from '../../src/audit/index.ts';
import { discovery } from '../../src/operations/discovery/discovery.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { aDirectory } from '../operations/discovery/support.ts';
import { createDatabase } from '../support/database.ts';
import { registerSecret } from '../support/leaks/secrets.ts';
import { opensslPair } from '../support/openssl.ts';
import { commandOn } from '../support/store.ts';
import { until } from '../support/until.ts';
import { printFigures } from './support/figures.ts';
import { faultRounds } from './support/rounds.ts';
import { spawnServer } from './support/server-process.ts';

const PAIRS = 6;
const MATERIAL = Array.from({ length: 3 }, (_, index) => opensslPair(`replica-${index}.example`));
const HERE = { realm: 'authentik', scope: '' } as const;

/** A database with replicas that scan one directory. */
async function replicasOf(directory: string, count: number) {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const kek = generateKek();
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn() };
  const open = async () => {
    const { keypairs } = await commandOn(database, kek);
    return { keypairs, ...discovery({ directory, keypairs, log }) };
  };
  return { database, log, replicas: await Promise.all(Array.from({ length: count }, open)) };
}

test('replicas that scan at once, without a lease, store each pair and each renewal once, and none complains', async () => {
  const directory = aDirectory();
  const { database, log, replicas } = await replicasOf(directory.path, 3);
  const rounds = faultRounds(4);
  let stored = 0;
  let outrun = 0;
  for (let round = 0; round < rounds; round++) {
    const { certificate, privateKey } = MATERIAL[round % MATERIAL.length] as (typeof MATERIAL)[number];
    for (let pair = 0; pair < PAIRS; pair++) {
      directory.write({ [`${pair}/tls.key`]: privateKey, [`${pair}/tls.crt`]: certificate });
    }
    const counts = await Promise.all(replicas.map(({ scan }) => scan(new AbortController().signal)));
    expect(counts.map(({ refused }) => refused)).toEqual([0, 0, 0]);
    stored += counts.reduce((sum, count) => sum + count.stored, 0);
    outrun += counts.reduce((sum, count) => sum + count.unchanged, 0);
  }

  const rows = await database.query<{ name: string; revision: number }>(
    'SELECT name, revision FROM keypairs ORDER BY name',
  );
  expect(rows).toEqual(Array.from({ length: PAIRS }, (_, pair) => ({ name: String(pair), revision: rounds })));
  const events = await database.query("SELECT 1 FROM events WHERE action LIKE 'model%'");
  expect([stored, events.length]).toEqual([PAIRS * rounds, PAIRS * rounds]);
  expect(outrun).toBeGreaterThan(0);
  expect(log.warn).not.toHaveBeenCalled();
  printFigures(
    `three replicas that scan at once, ${rounds} times ${PAIRS} pairs: ${stored} stored, ${outrun} found stored by another`,
  );
});

test('a pair whose row a client renames at the same moment is still stored once', async () => {
  const directory = aDirectory();
  const { database, replicas } = await replicasOf(directory.path, 2);
  const [material] = MATERIAL;
  const rounds = faultRounds(6);
  let renamed = 0;
  for (let round = 0; round < rounds; round++) {
    directory.write({ [`${round}.pem`]: material?.certificate ?? '' });
    let isOver = false;
    const scans = replicas.map(({ scan }) => scan(new AbortController().signal));
    const end = () => {
      isOver = true;
    };
    Promise.all(scans).then(end, end);
    const rename = (async () => {
      const { keypairs } = replicas[0] as (typeof replicas)[number];
      // As soon as it is there, which it is at the latest when they are over.
      for (let isLast = false; !isLast; ) {
        isLast = isOver;
        const [row] = await keypairs.listOwned(HERE, `goauthentik.io/crypto/discovered/${round}`);
        if (row !== undefined) {
          const { draft } = await keypairs.draft(HERE, { name: `renamed ${round}` });
          await keypairs.update(OPERATOR, HERE, row.id, draft);
          renamed++;
          return;
        }
      }
    })();
    await Promise.all([...scans, rename]);
  }

  const owners = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM keypairs GROUP BY managed HAVING managed IS NOT NULL',
  );
  expect(owners).toEqual(Array.from({ length: rounds }, () => ({ count: 1 })));
  expect(renamed).toBe(rounds);
  printFigures(`rows renamed while two replicas scan: ${renamed} of ${rounds}`);
});

test('certificate and key are of one renewal whenever they are read, whenever the scan is broken off', async () => {
  const directory = aDirectory();
  const { replicas } = await replicasOf(directory.path, 2);
  const [one, other] = replicas as [(typeof replicas)[number], (typeof replicas)[number]];
  const rounds = faultRounds(20);
  let broken = 0;
  for (let round = 0; round < rounds; round++) {
    const { certificate, privateKey } = MATERIAL[round % MATERIAL.length] as (typeof MATERIAL)[number];
    directory.write({ 'a/tls.crt': certificate });
    const halfway = one.scan(AbortSignal.timeout(1 + (round % 8))).catch(() => broken++);
    directory.write({ 'a/tls.key': privateKey });
    await Promise.all([halfway, other.scan(new AbortController().signal)]);
    const [row] = await one.keypairs.listOwned(HERE, 'goauthentik.io/crypto/discovered/a');
    if (row !== undefined) {
      const opened = await one.keypairs.openForUse(HERE, row.id);
      const whose = MATERIAL.findIndex((pair) => pair.certificate === opened.certificate);
      expect([null, MATERIAL[whose]?.privateKey]).toContain(opened.privateKey);
    }
  }
  printFigures(`renewals read halfway: ${rounds}, ${broken} scans broken off`);
});

test('a server that is killed in the middle of its first scan leaves whole pairs, and the next one stores the rest', async () => {
  const directory = aDirectory();
  const [material] = MATERIAL as [(typeof MATERIAL)[number]];
  const names = Array.from({ length: 150 }, (_, index) => `pair-${index}`);
  for (const name of names) {
    directory.write({ [`${name}/tls.crt`]: material.certificate, [`${name}/tls.key`]: material.privateKey });
  }
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const kek = generateKek();
  const bootstrapToken = generateToken();
  registerSecret('kek', kek);
  registerSecret('token', bootstrapToken);
  const environment = {
    DATABASE_URL: database.url,
    CERTKEEP_KEK: kek,
    CERTKEEP_BOOTSTRAP_TOKEN: bootstrapToken,
    CERTKEEP_DISCOVERY_DIR: directory.path,
  };
  const count = async () => (await database.query('SELECT 1 FROM keypairs')).length;

  const killed = spawnServer(environment);
  await until(async () => (await count()) > 0, 90_000);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const left = await count();
  // Ends by itself after a minute.
  await database.query("UPDATE leases SET expires_at = clock_timestamp() WHERE name = 'discovery'");
  spawnServer(environment);
  await until(async () => (await count()) === names.length, 90_000);

  const { keypairs } = await commandOn(database, kek);
  const rows = await keypairs.listOwned(HERE, 'goauthentik.io/crypto/discovered/');
  expect(new Set(rows.map(({ managed }) => managed)).size).toBe(names.length);
  for (const { id } of rows) {
    expect(await keypairs.openForUse(HERE, id)).toEqual(material);
  }
  const events = await database.query<{ action: string; count: number }>(
    "SELECT action, count(*)::int AS count FROM events WHERE model_name = 'certificatekeypair' GROUP BY action",
  );
  expect(events).toEqual([{ action: 'model_created', count: names.length }]);
  printFigures(`a server killed in its first scan: ${left} of ${names.length} pairs stored by then`);
}, 240_000);
