import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { openWatcher, plantMany } from './support.ts';

/** 100,000 for who measures. */
const COUNT = Number(process.env['CERTKEEP_EXPIRY_CERTIFICATES'] ?? 2000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('many certificates that were there before are worked off in short transactions, and nobody who writes waits for long', async () => {
  // One in ten is told of.
  await plantMany(database, COUNT * 0.9, 200);
  await plantMany(database, COUNT * 0.1, 5);
  const turn = openWatcher(database);
  const writer = new Client({ connectionString: database.url });
  await writer.connect();
  const turns: number[] = [];
  const waits: number[] = [];
  let isOver = false;
  const work = (async () => {
    for (let looked = 1; looked > 0; ) {
      const begin = performance.now();
      ({ looked } = await turn());
      turns.push(performance.now() - begin);
    }
    isOver = true;
  })();
  while (!isOver) {
    const begin = performance.now();
    await writer.query(
      `UPDATE keypairs SET fingerprint_sha256 = encode(sha256(gen_random_uuid()::text::bytea), 'hex')
       WHERE id = (SELECT keypair_id FROM expiry_watches WHERE next_at = 'epoch' LIMIT 1)`,
    );
    waits.push(performance.now() - begin);
  }
  await work;
  await writer.end();
  // The last exchange may come behind the last turn.
  await turn();

  const sum = turns.reduce((total, ms) => total + ms, 0);
  process.stdout.write(
    `${COUNT} certificates in ${(sum / 1000).toFixed(1)} s and ${turns.length} transactions, the longest of ${Math.max(...turns).toFixed(0)} ms; ` +
      `${waits.length} exchanges meanwhile, of which the longest took ${Math.max(...waits).toFixed(0)} ms\n`,
  );
  const [told] = await database.query(`
    SELECT (SELECT count(*) FROM expiry_watches WHERE next_at = 'epoch')::int AS left,
      (SELECT count(*) FROM events)::int - (SELECT count(*) FROM expiry_notices)::int AS difference`);
  expect(told).toEqual({ left: 0, difference: 0 });
  expect((await database.query('SELECT FROM expiry_notices')).length).toBeGreaterThanOrEqual(COUNT * 0.1);
}, 600_000);
