import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeypairId, Placement } from '../../src/keypairs/index.ts';
import type { Store } from '../../src/operations/index.ts';
import { ACTOR, signedBy, storePair } from '../keypairs/support.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { commandOn } from '../support/store.ts';
import { printFigures } from './support/figures.ts';

const PAIR = opensslPair();
const TSG = '1000000000';
const HERE: Placement = { realm: 'strata', scope: `${TSG}/folder:Shared` };
const BASES = ['/config/identity/v1', '/sse/config/v1'];
/** Held on everything, and on the pair by itself. */
const rightsOn = (id: string) =>
  [
    'view_certificatekeypair',
    'view_certificatekeypair_certificate',
    'view_certificatekeypair_key',
    'delete_certificatekeypair',
  ].flatMap((permission) => [permission, `${permission}@${id}`]);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** A CA and what it signed, in a folder. */
async function inFolder({ keypairs }: Pick<Store, 'keypairs'>, name: string) {
  const signer = await storePair({ keypairs }, HERE, { name: `${name} CA`, ...PAIR });
  return { signer, child: await storePair({ keypairs }, HERE, { name, ...PAIR }, signedBy(signer)) };
}

async function inAuthentik(name: string): Promise<KeypairId> {
  const body = { name, certificate_data: PAIR.certificate, key_data: PAIR.privateKey };
  const created = await server.request('POST', PAIRS, body);
  expect(created.status).toBe(201);
  return ((await created.json()) as { pk: KeypairId }).pk;
}

test('authentik’s API reaches nothing in a folder, by a token of every right either', async () => {
  const store = await commandOn(server.database, server.kek);
  const { signer } = await inFolder(store, 'in a folder');
  const before = await server.database.query('SELECT * FROM keypairs WHERE id = $1', [signer]);
  const narrow = await server.tokenWith(rightsOn(signer), { reach: ['authentik'] });
  let refused = 0;
  for (const token of [server.token, narrow]) {
    const headers = { authorization: `Bearer ${token}` };
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', 'view_certificate/', undefined],
      ['GET', 'view_private_key/', undefined],
      ['GET', 'used_by/', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      const answer = await server.request(method, `${PAIRS}${signer}/${path}`, body, headers);
      expect(answer.status, `${method} ${path}`).toBe(404);
      refused++;
    }
    const list = await server.request('GET', `${PAIRS}?page_size=100`, undefined, headers);
    const { results } = (await list.json()) as { results: { pk: string }[] };
    expect(results.map(({ pk }) => pk)).not.toContain(signer);
  }
  const single = await server.tokenWith([`view_certificatekeypair@${signer}`], { reach: ['authentik'] });
  const nothing = await server.request('GET', PAIRS, undefined, { authorization: `Bearer ${single}` });
  expect(nothing.status).toBe(403);
  const taken = { name: 'taken over', certificate_data: PAIR.certificate, key_data: PAIR.privateKey };
  expect((await server.request('PUT', `${PAIRS}${signer}/`, taken)).status).toBe(404);
  expect(await server.database.query('SELECT * FROM keypairs WHERE id = $1', [signer])).toEqual(before);
  await inAuthentik('in a folder');
  printFigures(`authentik's API asked for a signer in a folder: ${refused + 1} attempts, each refused`);
});

test('below Strata’s base paths nothing of authentik’s is there, and its tokens are let in nowhere', async () => {
  const store = await commandOn(server.database, server.kek);
  const pk = await inAuthentik('in authentik');
  const { child } = await inFolder(store, 'in authentik');
  const authentik = await server.tokenWith(rightsOn(child), { reach: ['authentik'] });
  const strata = await server.tokenWith(rightsOn(pk), { reach: [`strata:${TSG}`] });
  const other = await server.tokenWith(rightsOn(child), { reach: ['strata:2000000000'] });
  const status = async (base: string, id: string, token: string) =>
    (await server.request('GET', `${base}/certificates/${id}`, undefined, { authorization: `Bearer ${token}` })).status;
  for (const base of BASES) {
    expect(await status(base, child, strata), 'its own').toBe(200);
    expect(await status(base, pk, strata), 'authentik’s').toBe(404);
    expect(await status(base, pk, server.token), 'authentik’s, by a token of every right').toBe(404);
    expect(await status(base, child, other), 'another tenant’s').toBe(404);
    expect(await status(base, child, authentik), 'by a token of authentik’s').toBe(401);
  }
  const answer = await server.request('GET', PAIRS, undefined, { authorization: `Bearer ${strata}` });
  expect(answer.status).toBe(403);
});

test('a signer in a folder is kept by what it signed, not by what is called so elsewhere', async () => {
  const store = await commandOn(server.database, server.kek);
  const { signer, child } = await inFolder(store, 'kept');
  await inAuthentik('kept CA');
  await expect(store.keypairs.remove(ACTOR, HERE, signer)).rejects.toMatchObject({
    signed: [{ id: child, name: 'kept' }],
  });
  await store.keypairs.remove(ACTOR, HERE, child);
  await store.keypairs.remove(ACTOR, HERE, signer);
});
