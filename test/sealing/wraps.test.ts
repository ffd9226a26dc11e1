import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { kekRepository, openKeyRing, parseKeks, wrapRepository } from '../../src/sealing/index.ts';
import type { TestDatabase } from '../support/database.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';

const { certificate, privateKey } = opensslPair();

let server: TestServer;
let database: TestDatabase;
beforeEach(async () => {
  server = await startServer({ kek: [randomKek(), randomKek()].join(' ') });
  const started = server;
  onTestFinished(() => started.close());
  database = server.database;
});

function randomKek(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');
}

async function create(): Promise<string> {
  const body = { name: randomUUID(), certificate_data: certificate, key_data: privateKey };
  return ((await (await server.request('POST', PAIRS, body)).json()) as { pk: string }).pk;
}

/** What a rotation works with, and the KEK that waits. */
async function open() {
  const options = { url: database.url, poolSize: 2, timeoutMs: 10_000, preparedStatements: true, log: { warn() {} } };
  const connected = openDatabase(options);
  onTestFinished(() => connected.close());
  const keks = kekRepository(connected);
  const ring = await openKeyRing(keks, parseKeks(server.kek));
  const to = (await keks.list()).find(({ state }) => state === 'openable')?.id as string;
  return { wraps: wrapRepository(connected), ring, to };
}

const rowOf = async (pk: string) =>
  (await database.query('SELECT * FROM sealed_secrets WHERE keypair_id = $1', [pk]))[0] as Record<string, unknown>;

async function prepared(pk: string) {
  const { wraps, ring, to } = await open();
  const secrets = await wraps.under(to);
  const replacements = secrets.map((secret) => {
    const identity = { rowId: secret.rowId, purpose: secret.purpose, revision: secret.revision ?? 0 };
    return { secret, wrap: ring.rewrap(identity, secret, to) };
  });
  expect(secrets.map(({ rowId }) => rowId)).toContain(pk);
  return { wraps, to, replacements };
}

it('a re-wrap changes the KEK, the nonce of the wrap and the wrapped key, and nothing else', async () => {
  const pk = await create();
  const before = await rowOf(pk);
  const { wraps, to, replacements } = await prepared(pk);
  expect(await wraps.replace(to, replacements)).toBe(1);
  const after = await rowOf(pk);

  const changed = Object.keys(before).filter((column) => String(before[column]) !== String(after[column]));
  expect(changed.sort()).toEqual(['kek_id', 'wrap_nonce', 'wrapped_key']);
  expect(after['kek_id']).toBe(to);
});

it('a re-wrap does not touch a secret that was sealed anew since it was read, under the same KEK too', async () => {
  const [pk, other] = [await create(), await create()];
  const { wraps, to, replacements } = await prepared(pk);
  const young = opensslPair().privateKey;
  expect((await server.request('PATCH', `${PAIRS}${pk}/`, { key_data: young })).status).toBe(200);
  const changed = await rowOf(pk);
  expect(changed['kek_id']).not.toBe(to);

  expect(await wraps.replace(to, replacements)).toBe(1);
  expect(await rowOf(pk)).toEqual(changed);
  expect((await rowOf(other))['kek_id']).toBe(to);
  const answer = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);
  expect(await answer.json()).toEqual({ data: young.trim() });
});

it('a re-wrap leaves a secret for later that somebody holds, and waits for nobody', async () => {
  const [pk, other] = [await create(), await create()];
  const { wraps, to, replacements } = await prepared(pk);
  const holder = openDatabase({
    url: database.url,
    poolSize: 1,
    timeoutMs: 10_000,
    preparedStatements: true,
    log: { warn() {} },
  });
  onTestFinished(() => holder.close());
  await holder.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM sealed_secrets WHERE keypair_id = ${pk}::uuid FOR UPDATE`;
    expect(await wraps.replace(to, replacements)).toBe(1);
  });

  expect([(await rowOf(pk))['kek_id'] === to, (await rowOf(other))['kek_id'] === to]).toEqual([false, true]);
  expect(await wraps.countUnder(to)).toBe(1);
  expect(await wraps.replace(to, replacements)).toBe(1);
});
