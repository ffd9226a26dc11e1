import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { type KeypairId, keypairRepository } from '../../src/keypairs/index.ts';
import { certificatesOf, keep, makeAccount } from '../dialects/astra/support/accounts.ts';
import { BASES, SHARED, seed, seedMaterial, tsgOf } from '../dialects/strata/support/seed.ts';
import { anEvent } from '../support/audit.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test.each([
  ['another realm', 'strata', ''],
  ['another scope of the same realm', 'authentik', 'elsewhere'],
])('a pair of %s is nowhere to be seen, changed or deleted, and its name is free', async (where, realm, scope) => {
  const { certificate, privateKey } = opensslPair();
  const body = { name: `hidden in ${realm}/${scope}`, certificate_data: certificate, key_data: privateKey };
  const created = await server.request('POST', PAIRS, body);
  const { pk } = (await created.json()) as { pk: string };
  await server.database.query('UPDATE keypairs SET realm = $2::realm, scope = $3 WHERE id = $1', [pk, realm, scope]);

  let refused = 0;
  for (const [method, path, sent] of [
    ['GET', `${PAIRS}${pk}/`, undefined],
    ['GET', `${PAIRS}${pk}/view_certificate/`, undefined],
    ['GET', `${PAIRS}${pk}/view_private_key/`, undefined],
    ['GET', `${PAIRS}${pk}/used_by/`, undefined],
    ['PUT', `${PAIRS}${pk}/`, body],
    ['PATCH', `${PAIRS}${pk}/`, { name: 'taken over' }],
    ['DELETE', `${PAIRS}${pk}/`, undefined],
  ] as const) {
    expect((await server.request(method, path, sent)).status, `${method} ${path}`).toBe(404);
    refused++;
  }
  const list = (await (await server.request('GET', `${PAIRS}?page_size=100`)).json()) as { results: { pk: string }[] };
  expect(list.results.map((pair) => pair.pk)).not.toContain(pk);
  expect(await server.database.query('SELECT name, revision FROM keypairs WHERE id = $1', [pk])).toEqual([
    { name: body.name, revision: 1 },
  ]);

  const again = await server.request('POST', PAIRS, body);
  expect(again.status).toBe(201);
  printFigures(`pair of ${where}: ${refused} attempts to reach it, each refused`);
  expect(refused).toBeGreaterThan(0);
});

test('two tenants’ folder:Shared never meet: not by a list, a name, an id, an action or a deletion', async () => {
  const [mine, theirs] = [tsgOf('1111111111'), tsgOf('2222222222')];
  // The same name in both: each sees its own.
  const name = 'in both';
  const [own, other] = [await seed(server, { tsg: mine, name }), await seed(server, { tsg: theirs, name })];
  const hidden = await seed(server, { tsg: theirs, name: 'theirs alone' });
  const token = await server.tokenWith([], { superuser: true, reach: [`strata:${mine}`] });
  // A right on one pair gives nothing where its tenant is out of reach.
  const onTheirs = await server.tokenWith([`view_certificatekeypair_certificate@${other.id}`], {
    reach: [`strata:${mine}`],
  });
  const ask = (method: string, path: string, body?: unknown, text = token) =>
    server.request(method, path, body, { authorization: `Bearer ${text}` });
  const { certificate } = seedMaterial();

  let refused = 0;
  for (const base of BASES) {
    for (const id of [other.id, hidden.id]) {
      for (const [method, path, body] of [
        ['GET', `/certificates/${id}`, undefined],
        ['HEAD', `/certificates/${id}`, undefined],
        ['DELETE', `/certificates/${id}`, undefined],
        ['DELETE', `/certificates/${id}?folder=Shared`, {}],
        ['POST', `/certificates/${id}:export`, { format: 'pem' }],
        ['POST', `/certificates/${id}%3Aexport`, { format: 'pkcs12', passphrase: 'x' }],
      ] as const) {
        const { status } = await ask(method, base + path, body);
        expect(status, `${method} ${path}`).toBe(404);
        refused++;
      }
    }
    expect((await ask('GET', `${base}/certificates/${other.id}`, undefined, onTheirs)).status).toBe(403);
    expect((await ask('GET', `${base}/certificates?folder=Shared`, undefined, onTheirs)).status).toBe(403);

    const list = (await (await ask('GET', `${base}/certificates?folder=Shared`)).json()) as {
      data: { id: string; public_key: string }[];
    };
    expect(list.data.map(({ id, public_key: text }) => [id, text])).toEqual([[own.id, certificate]]);
    refused += 2;
  }
  const found = await (await ask('GET', `${BASES[0]}/certificates?folder=Shared&name=in%20both`)).json();
  expect(found).toMatchObject({ id: own.id });
  expect((await ask('GET', `${BASES[0]}/certificates?folder=Shared&name=theirs%20alone`)).status).toBe(404);
  const rest = await server.database.query<{ id: string }>('SELECT id FROM keypairs WHERE scope = $1 ORDER BY name', [
    `${theirs}/${SHARED.kind}:${SHARED.name}`,
  ]);
  expect(rest.map(({ id }) => id)).toEqual([other.id, hidden.id]);
  printFigures(`another tenant’s folder:Shared: ${refused} attempts to reach it, each refused`);
});

test('two accounts never meet: not by a list, a bundle, an id, a change or a deletion', async () => {
  const [mine, theirs] = [await makeAccount(server), await makeAccount(server)];
  const [own, other] = [await keep(server, mine), await keep(server, theirs)];
  const before = await server.trust.get(theirs, other);
  const token = await server.tokenWith([], { superuser: true, reach: [`astra:${mine}`] });
  // A right on one certificate gives nothing where its account is out of reach.
  const onTheirs = await server.tokenWith([`view_certificatekeypair_certificate@${other}`], {
    reach: [`astra:${mine}`],
  });
  const change = { type: 'application/astra-certificate', version: '1.0', trustStateDesired: 'untrusted' };
  let refused = 0;
  for (const [authorization, account, method, below, status] of [
    [token, mine, 'GET', `/${other}`, 404],
    [token, mine, 'PUT', `/${other}`, 404],
    [token, mine, 'DELETE', `/${other}`, 404],
    [token, theirs, 'GET', '', 404],
    [token, theirs, 'GET', '/bundle.pem', 404],
    [token, theirs, 'POST', '', 403],
    [token, theirs, 'GET', `/${other}`, 403],
    [token, theirs, 'PUT', `/${other}`, 403],
    [token, theirs, 'DELETE', `/${other}`, 403],
    [onTheirs, theirs, 'GET', `/${other}`, 403],
    [onTheirs, mine, 'GET', `/${other}`, 403],
    [onTheirs, mine, 'GET', '', 403],
  ] as const) {
    const body = method === 'GET' ? undefined : change;
    const headers = { authorization: `Bearer ${authorization}` };
    const answer = await server.request(method, certificatesOf(account) + below, body, headers);
    expect([method, below, answer.status]).toEqual([method, below, status]);
    refused++;
  }
  expect(await server.trust.get(theirs, other)).toEqual(before);
  const list = await server.request('GET', certificatesOf(mine), undefined, { authorization: `Bearer ${token}` });
  expect(((await list.json()) as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([own]);
  printFigures(`another account: ${refused} attempts to reach it, each refused`);
});

test('the repository by itself reads, changes and removes nothing of another scope', async () => {
  const { certificate, privateKey } = opensslPair();
  const body = { name: 'of this scope', certificate_data: certificate, key_data: privateKey };
  const created = await server.request('POST', PAIRS, body);
  const id = ((await created.json()) as { pk: KeypairId }).pk;
  const { url } = server.database;
  const database = openDatabase({ url, poolSize: 1, timeoutMs: 5000, preparedStatements: true, log: { warn() {} } });
  const repository = keypairRepository(database);
  const elsewheres = [
    { realm: 'strata', scope: '' },
    { realm: 'authentik', scope: 'elsewhere' },
  ] as const;
  let refused = 0;
  try {
    for (const elsewhere of elsewheres) {
      const attempts = [
        (await repository.readText(elsewhere, id, 'private_key')) === undefined,
        (await repository.readText(elsewhere, id, 'certificate_data')) === undefined,
        !(await repository.update(elsewhere, id, () => ({
          changes: { revision: 9, updatedBy: id },
          event: anEvent(),
        }))),
        !(await repository.remove(elsewhere, id, anEvent)),
      ];
      expect(attempts).toEqual([true, true, true, true]);
      refused += attempts.length;
    }
    const here = { realm: 'authentik', scope: '' } as const;
    expect(await repository.readText(here, id, 'private_key')).toHaveProperty('text.sealed');
    expect(await repository.remove(here, id, anEvent)).toBe(true);
    printFigures(`repository asked from elsewhere: ${refused} attempts, each refused`);
    expect(refused).toBeGreaterThan(0);
  } finally {
    await database.close();
  }
});
