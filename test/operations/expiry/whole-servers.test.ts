import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../../src/config.ts';
import { readConfig } from '../../../src/config.ts';
import { EXPIRY_WATCH_LEASE } from '../../../src/operations/expiry/expiry-watch.ts';
import { openStore } from '../../../src/operations/index.ts';
import { keptLog } from '../../support/audit.ts';
import type { TestDatabase } from '../../support/database.ts';
import { present } from '../../support/present.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { startReceiver, webhookTo } from '../webhooks/support.ts';
import { DAY, plant, toldOf } from './support.ts';

let server: TestServer;
let database: TestDatabase;
beforeAll(async () => {
  server = await startServer();
  database = server.database;
});
afterAll(() => server.close());
// Who ended has a second to give it back; where the database was busy, it would be nobody's for half a minute.
beforeEach(() => database.query("UPDATE leases SET expires_at = 'epoch' WHERE name = $1", [EXPIRY_WATCH_LEASE.name]));

/** A replica whose watch looks often; ends with the test. */
async function openReplica(overrides: Partial<Config> = {}, now?: () => Date) {
  const { lines, log } = keptLog();
  const config = { ...readConfig({ DATABASE_URL: database.url }), kek: server.kek, databasePoolSize: 3, ...overrides };
  const store = await openStore({ config, log, now, expiryIntervalMs: 20 });
  onTestFinished(() => store.close());
  return lines;
}

const inDays = (days: number) => {
  const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY);
  return { notAfter, notBefore: new Date(notAfter.getTime() - 90 * DAY) };
};

interface Listed {
  readonly results: { readonly action: string; readonly context: { readonly threshold: string } }[];
}

test('of three replicas one tells, the event stands in the API, and the webhook arrives once', async () => {
  const receiver = await startReceiver();
  const webhook = webhookTo(receiver.url);
  const logs = [await openReplica({ webhook }), await openReplica({ webhook }), await openReplica({ webhook })];
  const id = await plant(database, inDays(2), { name: 'told' });
  await until(() => receiver.received.length > 0);
  await until(async () => (await database.query("SELECT FROM webhook_messages WHERE state = 'pending'")).length === 0);

  expect(JSON.parse(present(receiver.received[0]).body)).toMatchObject({
    type: 'certificate.expiring',
    data: { keypair: { id, name: 'told' }, threshold: '3d' },
  });
  expect(receiver.received).toHaveLength(1);
  const answer = await server.request('GET', `/api/v3/events/events/?context_model_pk=${id}`);
  const { results } = (await answer.json()) as Listed;
  expect(results.map(({ action, context }) => [action, context.threshold])).toEqual([['configuration_warning', '3d']]);
  const told = () => logs.flat().filter(({ message }) => message === 'a certificate crossed a threshold of its expiry');
  // Whoever told may hear of its own commit after another one delivered the message.
  await until(() => told().length > 0);
  expect(told().map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ keypairId: id, threshold: '3d', realm: 'authentik' }),
  ]);
});

test('without a webhook nothing is put into the outbox', async () => {
  const before = (await database.query('SELECT FROM webhook_messages')).length;
  await openReplica();
  const id = await plant(database, inDays(-1));
  await until(async () => (await toldOf(database, id)).length > 0);
  expect(await database.query('SELECT FROM webhook_messages')).toHaveLength(before);
});

test('a clock that is given to the server judges, and not the database’s', async () => {
  const id = await plant(database, inDays(80));
  let days = 0;
  await openReplica({}, () => new Date(Date.now() + days * DAY));
  await until(async () => (await database.query("SELECT FROM expiry_watches WHERE next_at = 'epoch'")).length === 0);
  expect(await toldOf(database, id)).toEqual([]);
  days = 51;
  await until(async () => (await toldOf(database, id)).length > 0);
  expect(await toldOf(database, id)).toEqual(['30d']);
});
