import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { generateKek } from '../../../src/sealing/index.ts';
import { PAIRS, startServer } from '../../support/server.ts';
import { commandOn } from '../../support/store.ts';
import { until } from '../../support/until.ts';
import { filledTables } from './support/digest.ts';
import { backUp, emptyDatabase, PAIR, restoreInto } from './support/stores.ts';

const WRITERS = 4;
const BACKUPS = 5;

test('a backup beside servers that write is of one moment: each pair with its key, its watch and its event, and a sound trail', async () => {
  const source = await emptyDatabase();
  const server = await startServer({}, source);
  let ends = false;
  let written = 0;
  const write = async () => {
    // By its own count: of what all have written, one might meet the even numbers alone.
    for (let own = 0; !ends; own++) {
      const body = { name: randomUUID(), certificate_data: PAIR.certificate, key_data: PAIR.privateKey };
      const created = await server.request('POST', PAIRS, body);
      expect(created.status).toBe(201);
      const { pk } = (await created.json()) as { pk: string };
      const path = `${PAIRS}${pk}/`;
      // Half of them go again, a quarter are changed; the first stays.
      const next = own % 2 === 1 ? server.request('DELETE', path) : undefined;
      await (own % 4 === 2 ? server.request('PATCH', path, { name: randomUUID() }) : next);
      written++;
    }
  };
  const writers = Array.from({ length: WRITERS }, write);
  onTestFinished(async () => {
    ends = true;
    await Promise.allSettled(writers);
  });

  await until(() => written >= 2 * WRITERS);
  const moments: { pairs: number; before: number; after: number }[] = [];
  const paths: string[] = [];
  for (let count = 0; count < BACKUPS; count++) {
    const before = written;
    paths.push(await backUp(source, server.kek));
    moments.push({ pairs: 0, before, after: written });
  }
  ends = true;
  await Promise.all(writers);
  await server.close();

  for (const [index, path] of paths.entries()) {
    const target = await emptyDatabase();
    await restoreInto(target, path, { kek: server.kek });
    const [found] = await target.query<{ pairs: number; whole: number; orphans: number }>(`
      SELECT count(*)::int AS pairs,
        count(*) FILTER (WHERE
          EXISTS (SELECT FROM sealed_secrets s WHERE s.keypair_id = k.id) AND
          EXISTS (SELECT FROM expiry_watches w WHERE w.keypair_id = k.id) AND
          EXISTS (SELECT FROM events e WHERE e.action = 'model_created' AND e.model_pk = replace(k.id::text, '-', '')))::int AS whole,
        (SELECT count(*)::int FROM events c WHERE c.action = 'model_created' AND c.model_name = 'certificatekeypair'
          AND NOT EXISTS (SELECT FROM keypairs p WHERE replace(p.id::text, '-', '') = c.model_pk)
          AND NOT EXISTS (SELECT FROM events d WHERE d.action = 'model_deleted' AND d.model_pk = c.model_pk)) AS orphans
      FROM keypairs k`);
    expect(found?.pairs).toBeGreaterThan(0);
    expect([found?.whole, found?.orphans]).toEqual([found?.pairs, 0]);
    expect(await filledTables(target)).toContain('events');
    const findings: unknown[] = [];
    await (await commandOn(target, server.kek)).audit.verify([], (finding) => findings.push(finding));
    expect(findings).toEqual([]);
    Object.assign(moments[index] as object, { pairs: found?.pairs });
  }
  const beside = moments.map(({ before, after }) => after - before);
  expect(Math.max(...beside)).toBeGreaterThan(0);
  process.stdout.write(
    `${BACKUPS} backups of ${moments.map(({ pairs }) => pairs).join(', ')} pairs; written beside each: ${beside.join(', ')}\n`,
  );
}, 120_000);

test('a backup whose destination fails in the middle ends with that, and leaves nothing of itself at the database', async () => {
  const source = await emptyDatabase();
  const kek = generateKek();
  const { backups } = await commandOn(source, kek);
  // More than all buffers on the way hold.
  await source.query(`INSERT INTO webhook_messages (id, type, payload)
    SELECT gen_random_uuid(), 'x', (SELECT string_agg(md5(m::text || random()), '') FROM generate_series(1, 30000) m WHERE n > 0)
      FROM generate_series(1, 24) n`);
  let pieces = 0;
  const full = new Writable({
    write(_piece, _encoding, done) {
      pieces++;
      done(pieces > 3 ? new Error('disk full') : null);
    },
  });

  const writing = backups.write({ destination: full, replaces: false, passphrase: undefined, onTable() {} });
  await expect(writing).rejects.toThrow('disk full');
  await until(async () => {
    const left = await source.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'",
    );
    return left.length === 0;
  });
});
