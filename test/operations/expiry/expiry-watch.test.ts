import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { aFingerprint, DAY, exchange, openWatcher, plant, storedAt, toldOf } from './support.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Of 90 days, as seen so many days before its end. */
function aCertificate(daysLeft: number, now = Date.now()) {
  const notAfter = new Date(Math.floor(now / 1000) * 1000 + daysLeft * DAY);
  return { notAfter, notBefore: new Date(notAfter.getTime() - 90 * DAY) };
}

/** Takes turns until nothing is due. */
async function workOff(turn: ReturnType<typeof openWatcher>) {
  let told = 0;
  for (let looked = 1; looked > 0; ) {
    const result = await turn();
    looked = result.looked;
    told += result.told.length;
  }
  return told;
}

test('a pair that a server of the version before stores and exchanges by plain SQL is watched, by the database’s clock', async () => {
  const id = await plant(database, aCertificate(5));
  await workOff(openWatcher(database));
  expect(await toldOf(database, id)).toEqual(['7d']);

  await exchange(database, id, aCertificate(80));
  await workOff(openWatcher(database));
  expect(await toldOf(database, id)).toEqual(['7d']);

  await exchange(database, id, aCertificate(2));
  await workOff(openWatcher(database));
  expect(await toldOf(database, id)).toEqual(['7d', '3d']);
});

test('the event says which certificate of which pair of which place expires when, and that the server says so', async () => {
  const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 5 * DAY);
  const fingerprint = aFingerprint();
  const place = { realm: 'strata', scope: `1/folder:${randomUUID()}` };
  const certificate = { notAfter, notBefore: new Date(notAfter.getTime() - 90 * DAY), fingerprint };
  const id = await plant(database, certificate, { name: 'edge', ...place });
  await workOff(openWatcher(database));

  const pk = id.replaceAll('-', '');
  const [{ context, ...event } = { context: '' }] = await database.query<{ context: string }>(
    'SELECT action, app, username, model_app, model_name, context FROM events WHERE model_pk = $1',
    [pk],
  );
  expect(event).toEqual({
    action: 'configuration_warning',
    app: 'certkeep.expiry',
    username: 'certkeep',
    model_app: 'authentik_crypto',
    model_name: 'certificatekeypair',
  });
  expect(JSON.parse(context)).toEqual({
    message: "Certificate 'edge' expires in 5 days",
    model: { pk, app: 'authentik_crypto', name: 'edge', model_name: 'certificatekeypair' },
    threshold: '7d',
    not_after: notAfter.toISOString(),
    fingerprint_sha256: fingerprint,
    subject: 'CN=edge',
    placement: place,
  });
});

test('of texts that an issuer made as long as it liked, an event and a message hold the beginning', async () => {
  const id = await plant(database, aCertificate(5));
  const long = 'é'.repeat(100_000);
  await database.query('UPDATE keypairs SET subject = $2, issuer = $2, serial_number = $2 WHERE id = $1', [id, long]);
  await workOff(openWatcher(database, { sendsWebhooks: true }));
  const [told] = await database.query<{ context: string; payload: string }>(
    `SELECT context, payload FROM events, webhook_messages
     WHERE model_pk = $1 AND payload::jsonb->'data'->'keypair'->>'id' = $2`,
    [id.replaceAll('-', ''), id],
  );
  const shown = `${'é'.repeat(1023)}…`;
  expect(JSON.parse(told?.context ?? '{}').subject).toBe(shown);
  expect(JSON.parse(told?.payload ?? '{}').data.certificate).toMatchObject({
    subject: shown,
    issuer: shown,
    serial_number: shown,
  });
});

test.each([
  [6 / 24, 'expires in 6 hours'],
  [1 - 1 / DAY, 'expires in 1 day'],
  [30 / (24 * 60), 'expires in 30 minutes'],
  [-1, 'has expired'],
])('with %s days left the event says that it %s', async (daysLeft, words) => {
  const id = await plant(database, aCertificate(daysLeft), { name: words });
  await workOff(openWatcher(database));
  const [row] = await database.query<{ context: string }>('SELECT context FROM events WHERE model_pk = $1', [
    id.replaceAll('-', ''),
  ]);
  expect(JSON.parse(row?.context ?? '{}').message).toBe(`Certificate '${words}' ${words}`);
});

test('after a long outage everything that was crossed meanwhile is told, each once', async () => {
  const id = await plant(database, aCertificate(-100));
  await storedAt(database, id, new Date(Date.now() - 150 * DAY));
  const notices: string[] = [];
  await workOff(openWatcher(database, { onNotice: (threshold) => notices.push(threshold) }));

  const all = ['30d', '14d', '10_percent', '7d', '3d', '1d', '0d'];
  expect(await toldOf(database, id)).toEqual(all);
  expect(notices).toEqual(all);
});

test('a certificate that was exchanged before it was told of is not told of any more, and one that comes back is not told of again', async () => {
  const first = { ...aCertificate(5), fingerprint: aFingerprint() };
  const id = await plant(database, first);
  await exchange(database, id, aCertificate(80));
  await workOff(openWatcher(database));
  expect(await toldOf(database, id)).toEqual([]);

  await exchange(database, id, first);
  await workOff(openWatcher(database));
  await exchange(database, id, aCertificate(80));
  await exchange(database, id, first);
  await workOff(openWatcher(database));
  expect(await toldOf(database, id)).toEqual(['7d']);
});

test('a watcher passes over what another one holds, and over no other', async () => {
  const [held, free] = [await plant(database, aCertificate(5)), await plant(database, aCertificate(5))];
  const other = new Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('BEGIN');
  await other.query('SELECT FROM expiry_watches WHERE keypair_id = $1 FOR UPDATE', [held]);

  const turn = openWatcher(database);
  await workOff(turn);
  expect([await toldOf(database, held), await toldOf(database, free)]).toEqual([[], ['7d']]);
  await other.query('COMMIT');
  await workOff(turn);
  expect(await toldOf(database, held)).toEqual(['7d']);
});

test('a watcher waits for nobody who changes a keypair, and tells nothing of a certificate that is being exchanged', async () => {
  const id = await plant(database, aCertificate(5));
  const writer = new Client({ connectionString: database.url });
  await writer.connect();
  onTestFinished(() => writer.end());
  await writer.query('BEGIN');
  await writer.query("UPDATE keypairs SET name = name || ' renamed' WHERE id = $1", [id]);
  const turn = openWatcher(database);
  await workOff(turn);
  expect(await toldOf(database, id)).toEqual(['7d']);
  await writer.query(
    "UPDATE keypairs SET fingerprint_sha256 = 'other', not_after = now() + interval '2 days' WHERE id = $1",
    [id],
  );
  await workOff(turn);
  expect(await toldOf(database, id)).toEqual(['7d']);
  await writer.query('COMMIT');
  await workOff(turn);
  expect(await toldOf(database, id)).toEqual(['7d', '3d']);
});

test('notice, event and message are written together or not at all', async () => {
  const id = await plant(database, aCertificate(5));
  // The message is the last that is written of a notice.
  await database.query('ALTER TABLE webhook_messages ADD CONSTRAINT broken CHECK (false) NOT VALID');
  const turn = openWatcher(database, { sendsWebhooks: true });
  await expect(turn()).rejects.toThrow();
  expect(await toldOf(database, id)).toEqual([]);
  expect(await database.query('SELECT FROM expiry_notices WHERE keypair_id = $1', [id])).toEqual([]);

  await database.query('ALTER TABLE webhook_messages DROP CONSTRAINT broken');
  await workOff(turn);
  const messages = await database.query<{ payload: string }>(
    'SELECT payload FROM webhook_messages WHERE payload LIKE $1',
    [`%${id}%`],
  );
  expect(messages.map(({ payload }) => JSON.parse(payload))).toEqual([
    {
      type: 'certificate.expiring',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        keypair: { id, name: id, realm: 'authentik', scope: '' },
        certificate: expect.objectContaining({ subject: `CN=${id}`, issuer: 'CN=issuer', serial_number: '2a' }),
        threshold: '7d',
        remaining_seconds: expect.closeTo((5 * DAY) / 1000, -2),
      },
    },
  ]);
});

test('dates at the ends of time are borne', async () => {
  const first = await plant(database, {
    notBefore: new Date('0001-01-01T00:00:00Z'),
    notAfter: new Date('0001-01-01T00:00:00Z'),
  });
  const last = await plant(database, {
    notBefore: new Date('2020-01-01Z'),
    notAfter: new Date('9999-12-31T23:59:59Z'),
  });
  await workOff(openWatcher(database));
  expect(await toldOf(database, first)).toEqual(['0d', '10_percent']);
  expect(await toldOf(database, last)).toEqual([]);
  const [row] = await database.query<{ next_at: Date }>('SELECT next_at FROM expiry_watches WHERE keypair_id = $1', [
    last,
  ]);
  // 798 years before its end.
  expect(row?.next_at.getUTCFullYear()).toBe(9201);
});
