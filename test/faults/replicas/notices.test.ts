import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { whileLocked } from '../../support/held-lock.ts';
import { opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { cluster, type Replica, startReplicas, stopReplicas } from '../../support/replicas.ts';
import { until } from '../../support/until.ts';
import { send } from '../support/client.ts';
import { printFigures } from '../support/figures.ts';
import { HASTENED, loseLease } from './support/leases.ts';

/** More than two replicas take at a time. */
const EXPIRING = 320;
const ABOUT_TO_EXPIRE = 40;
const LEASE = 'expiry-watch';

/** Counts what webhooks a replica delivers, by their ids. */
async function startReceiver() {
  const received = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    received.set(id, (received.get(id) ?? 0) + 1);
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** As many certificates as are wanted, by copying the row of one, each with a fingerprint and a validity of its own. */
async function seedExpiring(database: TestDatabase, replica: Replica): Promise<void> {
  const { text } = await send(replica, 'POST', '', { name: 'first', certificate_data: opensslPair().certificate });
  const { pk } = JSON.parse(text) as { pk: string };
  const columns = await database.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'keypairs'::regclass AND attnum > 0 AND NOT attisdropped",
  );
  const replaced: Readonly<Record<string, string>> = {
    id: 'gen_random_uuid()',
    name: "'expiring ' || n",
    name_folded: "'EXPIRING ' || n",
    fingerprint_sha256: "encode(sha256(convert_to('expiring ' || n, 'UTF8')), 'hex')",
    not_before: "now() - interval '20 days'",
    // In five days; or in the next seconds, one after the other.
    not_after: `CASE WHEN n > ${EXPIRING} THEN now() + interval '2 seconds' + n % 20 * interval '100 milliseconds' ELSE now() + interval '5 days' END`,
  };
  const names = columns.map(({ name }) => name);
  await database.query(
    `INSERT INTO keypairs (${names.join(', ')}) SELECT ${names.map((name) => replaced[name] ?? name).join(', ')}
     FROM keypairs, generate_series(1, ${EXPIRING + ABOUT_TO_EXPIRE}) n WHERE id = $1`,
    [pk],
  );
}

test('each notice is told once by three replicas that all take themselves for the one to tell, of which one is killed', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const { received, url } = await startReceiver();
  const replicas = await startReplicas(
    cluster(database, {
      ...HASTENED,
      CERTKEEP_WEBHOOK_URL: url,
      CERTKEEP_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      CERTKEEP_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.1/32',
    }),
    3,
  );
  onTestFinished(() => stopReplicas(replicas));
  const stopLosing = await whileLocked(database, { table: 'expiry_notices' }, async ({ untilWaiting }) => {
    await seedExpiring(database, present(replicas[0]));
    const stop = loseLease(database, LEASE);
    // Each holds a hundred of the certificates, and would write their notices.
    await untilWaiting({ processes: 3 });
    await present(replicas[2]).kill();
    return stop;
  });
  // Of five days, seven are crossed, and ten percent of twenty-five are not yet; a day and less is within ten percent of twenty.
  const wanted = [
    { threshold: '0d', notices: ABOUT_TO_EXPIRE },
    { threshold: '7d', notices: EXPIRING },
  ];
  const notices = () =>
    database.query<{ threshold: string; notices: number }>(
      `SELECT threshold, count(*)::int AS notices FROM expiry_notices n JOIN keypairs k ON k.id = n.keypair_id
       WHERE k.name LIKE 'expiring %' AND threshold IN ('0d', '7d') GROUP BY 1 ORDER BY 1`,
    );
  await until(async () => JSON.stringify(await notices()) === JSON.stringify(wanted));
  const lost = await stopLosing();
  await until(async () => (await database.query("SELECT FROM webhook_messages WHERE state = 'pending'")).length === 0);

  const [counts] = await database.query<{ notices: number; events: number; messages: number; twice: number }>(`
    SELECT (SELECT count(*)::int FROM expiry_notices) AS notices,
      (SELECT count(*)::int FROM events WHERE action = 'configuration_warning') AS events,
      (SELECT count(*)::int FROM webhook_messages WHERE state = 'delivered') AS messages,
      (SELECT count(*)::int FROM (SELECT FROM events WHERE action = 'configuration_warning'
        GROUP BY model_pk, context::jsonb->>'threshold' HAVING count(*) > 1) e) AS twice`);
  const { notices: told, ...rest } = present(counts);
  const deliveries = [...received.values()].reduce((sum, each) => sum + each, 0);
  printFigures(
    `notices on 3 replicas: all three held due certificates at once for certain, one killed as it told; the lease lost ${lost} times; ` +
      `${told} notices, ${rest.events} events, ${rest.messages} webhooks in ${deliveries} deliveries`,
  );
  expect(rest).toEqual({ events: told, messages: told, twice: 0 });
  expect(received.size).toBe(told);
  expect(lost).toBeGreaterThan(2);
}, 240_000);
