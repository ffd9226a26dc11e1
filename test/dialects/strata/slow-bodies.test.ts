import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { TestServer } from '../../support/server.ts';
import { type SlowBodies, startForSlowBodies } from '../../support/slow-bodies.ts';
import { until } from '../../support/until.ts';
import { made, TOKENS } from '../authentik/tokens/support/api.ts';
import { CURRENT, type Seeded, seed, seedMaterial } from './support/seed.ts';

const VIEW = 'view_certificatekeypair_certificate';
const VIEW_KEY = 'view_certificatekeypair_key';

let server: TestServer;
let slowly: SlowBodies['slowly'];
beforeAll(async () => {
  ({ server, slowly } = await startForSlowBodies());
});
afterAll(() => server.close());

const codeOf = (body: unknown) => (body as { _errors?: { code: string }[] })._errors?.[0]?.code;
const exportOf = ({ id }: Seeded) => `${CURRENT}/certificates/${id}:export`;
const newImport = (fields: object = {}) => ({
  folder: 'Shared',
  name: crypto.randomUUID(),
  certificate_file: seedMaterial().certificate,
  ...fields,
});

/** Lets files under a passphrase wait for their turn until the function that it gives is called, and counts them. */
function holdTurns() {
  const { work } = server;
  const { run } = work;
  let waiting = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const spy = vi.spyOn(work, 'run').mockImplementation((...parameters) => {
    waiting++;
    return released.then(() => run(...parameters));
  });
  onTestFinished(() => spy.mockRestore());
  return { waiting: () => waiting, release: () => release() };
}

const rowsOf = (name: string) => server.database.query(`SELECT id FROM keypairs WHERE name = '${name}'`);

test('401: a token that is revoked while a body is on its way imports nothing', async () => {
  const { key, identifier } = await made(server, { permissions: ['add_certificatekeypair'], reach: ['strata'] });
  const body = newImport();
  const revoke = () => server.request('DELETE', `${TOKENS}${identifier}/`);
  const answer = await slowly(key, 'POST', `${CURRENT}/certificates:import`, body, revoke);

  expect([answer.status, codeOf(answer.body)]).toEqual([401, 'E016']);
  expect(await rowsOf(body.name)).toEqual([]);
});

test('404: a certificate that is taken from its caller while a body is on its way is not exported', async () => {
  const [taken, kept] = [await seed(server), await seed(server)];
  const permissions = [`${VIEW}@${taken.id}`, `${VIEW}@${kept.id}`];
  const { key, identifier } = await made(server, { permissions, reach: ['strata'] });
  const take = () => server.request('PATCH', `${TOKENS}${identifier}/`, { permissions: permissions.slice(1) });
  const answer = await slowly(key, 'POST', exportOf(taken), { format: 'pem' }, take);

  expect([answer.status, codeOf(answer.body)]).toEqual([404, 'E005']);
});

test('403: the right to keys that is taken away while a body is on its way gives none', async () => {
  const stored = await seed(server);
  const { key, identifier } = await made(server, { permissions: [VIEW, VIEW_KEY], reach: ['strata'] });
  const take = () => server.request('PATCH', `${TOKENS}${identifier}/`, { permissions: [VIEW] });
  const answer = await slowly(key, 'POST', exportOf(stored), { format: 'pkcs12', passphrase: 'of a slow one' }, take);

  expect([answer.status, codeOf(answer.body)]).toEqual([403, 'E007']);
});

test('404: a tenant that a token no longer reaches when its body has come gives nothing away', async () => {
  const stored = await seed(server);
  const { key, identifier } = await made(server, { permissions: [VIEW], reach: ['strata:1000000000'] });
  const move = () => server.request('PATCH', `${TOKENS}${identifier}/`, { reach: ['strata:77'] });
  const answer = await slowly(key, 'POST', exportOf(stored), { format: 'pem' }, move);

  expect([answer.status, codeOf(answer.body)]).toEqual([404, 'E005']);
});

test('what is taken away while the file of a key waits for its turn: no key leaves, and no event says that one did', async () => {
  const [stored, kept] = [await seed(server), await seed(server)];
  const both = (id: string) => [`${VIEW}@${id}`, `${VIEW_KEY}@${id}`];
  const all = { permissions: [VIEW, VIEW_KEY], reach: ['strata:1000000000'] };
  const cases = [
    { before: all, after: { permissions: [VIEW] }, refusal: [403, 'E007'] },
    {
      before: { ...all, permissions: [...both(stored.id), ...both(kept.id)] },
      after: { permissions: both(kept.id) },
      refusal: [404, 'E005'],
    },
    { before: all, after: { reach: ['strata:77'] }, refusal: [404, 'E005'] },
  ];
  const tokens = await Promise.all(cases.map(({ before }) => made(server, before)));
  const turns = holdTurns();
  const exports = tokens.map(({ key }) => {
    const body = { format: 'pkcs12', passphrase: 'of one that waits' };
    return server.request('POST', exportOf(stored), body, { authorization: `Bearer ${key}` });
  });
  await until(() => turns.waiting() === exports.length);
  await Promise.all(
    tokens.map(({ identifier }, index) => server.request('PATCH', `${TOKENS}${identifier}/`, cases[index]?.after)),
  );
  turns.release();

  const answers = await Promise.all(
    (await Promise.all(exports)).map(async (answer) => [answer.status, codeOf(await answer.json())]),
  );
  expect(answers).toEqual(cases.map(({ refusal }) => refusal));
  const told = await server.database.query("SELECT id FROM events WHERE action = 'secret_view'");
  expect(told).toEqual([]);
});

test('201: a slow body of a caller who still may is taken', async () => {
  const { key } = await made(server, { permissions: ['add_certificatekeypair'], reach: ['strata'] });
  const body = newImport();
  const answer = await slowly(key, 'POST', `${CURRENT}/certificates:import`, body, async () => {});

  expect(answer).toMatchObject({ status: 201, body: { name: body.name } });
});
