import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { generateToken } from '../../src/access/index.ts';
import { generateKek, type RotateOptions } from '../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { commandOn } from '../support/store.ts';
import { until } from '../support/until.ts';

const PAIR = opensslPair();
const TOKEN = generateToken();
const QUIET: RotateOptions = { force: false, watcher: { onBegin() {}, onProgress() {}, onFailure() {} } };

let database: TestDatabase;
beforeEach(async () => {
  const created = await createDatabase();
  // After everything that is connected to it was closed, which was opened later.
  onTestFinished(() => created.drop());
  database = created;
});

async function serve(...keks: string[]): Promise<TestServer> {
  const server = await startServer({ kek: keks.join('\n'), bootstrapToken: TOKEN }, database);
  let closed = false;
  const close = async () => {
    if (!closed) {
      closed = true;
      await server.close();
    }
  };
  onTestFinished(close);
  return { ...server, close };
}

async function administer(...keks: string[]) {
  return (await commandOn(database, keks.join(','))).keks;
}

async function create(server: TestServer): Promise<string> {
  const body = { name: randomUUID(), certificate_data: PAIR.certificate, key_data: PAIR.privateKey };
  const created = await server.request('POST', PAIRS, body);
  expect(created.status).toBe(201);
  return ((await created.json()) as { pk: string }).pk;
}

async function expectReadable(server: TestServer, ...pks: string[]): Promise<void> {
  for (const pk of pks) {
    const answer = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);
    expect([answer.status, await answer.json()]).toEqual([200, { data: PAIR.privateKey.trim() }]);
  }
}

async function kekOf(pk: string): Promise<string | undefined> {
  const rows = await database.query<{ kek_id: string }>('SELECT kek_id FROM sealed_secrets WHERE keypair_id = $1', [
    pk,
  ]);
  return rows[0]?.kek_id;
}

const states = async () =>
  Object.fromEntries(
    (await database.query<{ id: string; state: string }>('SELECT id, state FROM keks')).map(({ id, state }) => [
      id,
      state,
    ]),
  );

describe('a rotation', () => {
  it('is followed by running servers without a restart: they seal under the new KEK and open under both', async () => {
    const keks = [generateKek(), generateKek()];
    const [one, two] = [await serve(...keks), await serve(...[...keks].reverse())];
    const pks = [await create(one), await create(two)];
    const admin = await administer(...keks);
    const [from, to] = await admin.list();
    expect([from?.state, to?.state]).toEqual(['sealing', 'openable']);
    expect(from?.servers).toHaveLength(2);

    expect(await admin.rotate(QUIET)).toEqual({ kekId: to?.id, rewrapped: 2, failed: 0 });
    expect(await states()).toEqual({ [from?.id as string]: 'openable', [to?.id as string]: 'sealing' });
    expect(await Promise.all(pks.map(kekOf))).toEqual([to?.id, to?.id]);
    const later = [await create(one), await create(two)];
    expect(await Promise.all(later.map(kekOf))).toEqual([to?.id, to?.id]);
    await expectReadable(one, ...pks, ...later);
    await expectReadable(two, ...pks, ...later);
    expect((await admin.list()).map(({ secrets }) => secrets)).toEqual([0, 4]);
  });

  it('does not switch while a running server lacks the new KEK, says how many do, and that server keeps working', async () => {
    const [old, young] = [generateKek(), generateKek()];
    const lagging = await serve(old);
    const pk = await create(lagging);
    const ready = await serve(old, young);
    const admin = await administer(old, young);
    const before = await states();

    await expect(admin.rotate(QUIET)).rejects.toMatchObject({
      code: 'NOT_HELD',
      message: expect.stringMatching(/^1 running server does not hold KEK/),
    });
    expect(await states()).toEqual(before);
    await expectReadable(lagging, pk, await create(lagging), await create(ready));

    await lagging.close();
    expect((await admin.rotate(QUIET)).failed).toBe(0);
    await expectReadable(ready, pk, await create(ready));
  });

  it('does not switch to a KEK that the command was not given, forced or not; and one that nobody has can be retired', async () => {
    const [old, lost] = [generateKek(), generateKek()];
    await administer(old, lost);
    const admin = await administer(old);
    const before = await states();
    const [, waiting] = await admin.list();

    for (const force of [false, true]) {
      await expect(admin.rotate({ ...QUIET, force })).rejects.toMatchObject({ code: 'NOT_HELD' });
    }
    expect(await states()).toEqual(before);
    expect(await admin.retire(waiting?.id as string)).toBe(true);
    expect((await admin.rotate(QUIET)).failed).toBe(0);
  });

  it('switches all the same where it is forced; then what the server can not open is missing there alone', async () => {
    const [old, young] = [generateKek(), generateKek()];
    const lagging = await serve(old);
    lagging.foreseeMistakes();
    const pk = await create(lagging);
    const ready = await serve(old, young);
    const admin = await administer(old, young);

    expect(await admin.rotate({ ...QUIET, force: true })).toMatchObject({ rewrapped: 1, failed: 0 });
    expect((await lagging.request('GET', `${PAIRS}${pk}/view_private_key/`)).status).toBe(503);
    expect((await lagging.request('GET', `${PAIRS}${pk}/`)).status).toBe(200);
    await expectReadable(ready, pk);
  });

  it('forgets a server that has not been seen for 30 seconds, by the clock of the database', async () => {
    const keks = [generateKek(), generateKek()];
    const admin = await administer(...keks);
    const [from] = await admin.list();
    const died = (seconds: number) =>
      database.query(
        `INSERT INTO kek_holders (instance_id, instance_name, kek_id, seals, seen_at)
           VALUES (gen_random_uuid(), 'died', $1, true, now() - $2 * interval '1 second')`,
        [from?.id, seconds],
      );
    await died(31);
    expect((await admin.list())[0]?.servers).toEqual([]);
    await died(20);
    expect((await admin.list())[0]?.servers).toEqual(['died']);
    await expect(admin.rotate(QUIET)).rejects.toMatchObject({ code: 'NOT_HELD' });
    await database.query("UPDATE kek_holders SET seen_at = now() - interval '31 seconds'");
    expect((await admin.rotate(QUIET)).failed).toBe(0);
  });

  it('ends only when every running server seals with the new KEK', async () => {
    const keks = [generateKek(), generateKek()];
    const admin = await administer(...keks);
    const [, to] = await admin.list();
    await database.query(
      "INSERT INTO kek_holders (instance_id, instance_name, kek_id, seals) VALUES (gen_random_uuid(), 'late', $1, false)",
      [to?.id],
    );
    let ended = false;
    const rotation = admin.rotate(QUIET).then(() => {
      ended = true;
    });
    await until(async () => (await states())[to?.id as string] === 'sealing');
    expect(ended).toBe(false);
    await database.query('UPDATE kek_holders SET seals = true');
    await rotation;
  });

  it('that has nothing to switch to goes on with what is left, and never goes back by itself', async () => {
    const keks = [generateKek(), generateKek()];
    const server = await serve(...keks);
    const pk = await create(server);
    const admin = await administer(...keks);
    const [from, to] = await admin.list();
    const switched = await admin.rotate(QUIET);
    await admin.rotate({ ...QUIET, to: from?.id as string });
    // What a rotation leaves that is killed after its switch.
    await database.query("UPDATE keks SET state = 'openable', superseded = true WHERE id = $1", [from?.id]);
    await database.query("UPDATE keks SET state = 'sealing', superseded = false WHERE id = $1", [to?.id]);
    expect(await kekOf(pk)).toBe(from?.id);

    expect(await admin.rotate(QUIET)).toEqual({ ...switched, rewrapped: 1 });
    expect(await kekOf(pk)).toBe(to?.id);
    expect(await admin.rotate(QUIET)).toEqual({ ...switched, rewrapped: 0 });
    await expectReadable(server, pk);
  });

  it('of several that wait is for one that is named; and an unknown or retired one is refused', async () => {
    const keks = [generateKek(), generateKek(), generateKek()];
    const admin = await administer(...keks);
    const [, second, third] = await admin.list();
    await expect(admin.rotate(QUIET)).rejects.toMatchObject({ code: 'AMBIGUOUS' });
    expect((await admin.rotate({ ...QUIET, to: third?.id.toUpperCase() as string })).kekId).toBe(third?.id);
    await expect(admin.rotate({ ...QUIET, to: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await admin.retire(second?.id as string)).toBe(true);
    await expect(admin.rotate({ ...QUIET, to: second?.id as string })).rejects.toMatchObject({ code: 'RETIRED' });
  });

  it('ends where another KEK is made the sealing one meanwhile, so that no two undo each other’s work', async () => {
    const keks = [generateKek(), generateKek(), generateKek()];
    const server = await serve(...keks);
    const pk = await create(server);
    const admin = await administer(...keks);
    const [, second, third] = await admin.list();
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('BEGIN');
    await holder.query('SELECT FROM sealed_secrets WHERE keypair_id = $1 FOR UPDATE', [pk]);
    const first = admin.rotate({ ...QUIET, to: second?.id as string }).catch((error: unknown) => error);
    await until(async () => (await states())[second?.id as string] === 'sealing');
    const next = admin.rotate({ ...QUIET, to: third?.id as string });

    expect(await first).toMatchObject({ code: 'SUPERSEDED', message: expect.stringContaining(third?.id as string) });
    await holder.query('COMMIT');
    expect(await next).toMatchObject({ kekId: third?.id, rewrapped: 1 });
  });

  it('and another one at the same time do no harm to each other', async () => {
    const keks = [generateKek(), generateKek()];
    const server = await serve(...keks);
    const pks: string[] = [];
    for (let number = 0; number < 20; number++) {
      pks.push(await create(server));
    }
    const admins = [await administer(...keks), await administer(...keks), await administer(...keks)];
    const results = await Promise.all(admins.map((admin) => admin.rotate(QUIET)));

    expect(results.map(({ failed }) => failed)).toEqual([0, 0, 0]);
    expect(results.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(pks.length);
    await expectReadable(server, ...pks);
  });

  it('is written down with its KEK, in the transaction that switches, and a retirement too', async () => {
    const keks = [generateKek(), generateKek()];
    const admin = await administer(...keks);
    const [from, to] = await admin.list();
    await admin.rotate(QUIET);
    await admin.retire(from?.id as string);

    const events = await database.query<{ context: string; model_pk: string }>(
      "SELECT * FROM events WHERE action = 'secret_rotate' ORDER BY created_at",
    );
    const hex = (id: string | undefined) => id?.replaceAll('-', '');
    expect(events).toMatchObject([
      { model_app: 'authentik_crypto', model_name: 'kek', model_pk: hex(to?.id), username: 'operator' },
      { model_app: 'authentik_crypto', model_name: 'kek', model_pk: hex(from?.id), username: 'operator' },
    ]);
    expect(events.map(({ context }) => JSON.parse(context).kind)).toEqual(['switched', 'retired']);
    expect(keks.filter((kek) => JSON.stringify(events).includes(kek))).toEqual([]);

    await database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no events'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON events EXECUTE FUNCTION refuse()`);
    const third = await administer(...keks, generateKek());
    const before = await states();
    await expect(third.rotate(QUIET)).rejects.toThrow('no events');
    expect(await states()).toEqual(before);
  });
});
