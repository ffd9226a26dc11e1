import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { SERVER } from '../../../src/audit/index.ts';
import { type Generation, type Keypairs, StoreUnavailable } from '../../../src/keypairs/index.ts';
import { JWT_OWNER } from '../../../src/operations/first-pairs/first-pairs.ts';
import { makeFirstPairs } from '../../../src/operations/first-pairs/make-first-pairs.ts';
import { printFigures } from '../../faults/support/figures.ts';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const SELF_SIGNED = 'authentik Self-signed Certificate';
const JWT = 'authentik Internal JWT Certificate';
const HERE = { realm: 'authentik', scope: '' } as const;
const DAY_MS = 86_400_000;
const MATERIAL = opensslPair();

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ authentikDefaults: true });
});
afterAll(() => server.close());

interface Row {
  readonly id: string;
  readonly certificate: string;
  readonly managed: string | null;
}
const named = (name: string) =>
  server.database.query<Row>('SELECT id, certificate_data AS certificate, managed FROM keypairs WHERE name = $1', [
    name,
  ]);

test("authentik's first pairs are made beside a server that serves, in its profile, and the one for JWTs is hidden", async () => {
  // Two keys of 4096 bits.
  await until(async () => (await named(SELF_SIGNED)).length + (await named(JWT)).length === 2, 110_000);

  for (const [name, days, names, managed] of [
    [SELF_SIGNED, 365, /^DNS:[a-z0-9]{40}\.self-signed\.goauthentik\.io$/, null],
    [JWT, 360, /^DNS:goauthentik\.io$/, JWT_OWNER],
  ] as const) {
    const [row] = await named(name);
    const certificate = new X509Certificate(row?.certificate ?? '');
    expect(row?.managed).toBe(managed);
    expect(certificate.subject).toBe(`CN=${name}\nO=authentik\nOU=Self-signed`);
    expect(certificate.subjectAltName).toMatch(names);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
    // From a day before it was made.
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe((days + 1) * DAY_MS);
  }
  const list = await (await server.request('GET', PAIRS)).json();
  expect(list).toMatchObject({
    pagination: { count: 1 },
    results: [{ name: SELF_SIGNED, private_key_available: true }],
  });
  const [hidden] = await named(JWT);
  expect((await server.request('GET', `${PAIRS}${hidden?.id}/`)).status).toBe(404);
}, 120_000);

/** Begins to make pairs, of a curve that is quick, until the test is over. */
function makePairs(pairs: readonly Omit<Generation, 'make'>[], keypairs: Pick<Keypairs, 'generate' | 'listManaged'>) {
  const log = { info: vi.fn(), warn: vi.fn() };
  const made = pairs.map((pair) => ({ ...pair, make: async () => MATERIAL }));
  const making = makeFirstPairs({ keypairs, pairs: made, log, intervalMs: 5 });
  onTestFinished(() => making.close());
  return log;
}

test('what is there already stays as it is, however old, and a name that another pair has is told of', async () => {
  const { keypairs } = server;
  const body = { name: 'taken', certificate_data: MATERIAL.certificate };
  expect((await server.request('POST', PAIRS, body)).status).toBe(201);
  const log = makePairs(
    [{ name: 'taken' }, { name: 'taken', managed: 'goauthentik.io/test/taken' }, { name: 'last' }],
    keypairs,
  );

  await until(() => log.info.mock.calls.length > 0);
  expect(log.info.mock.calls.map(([{ name }]) => name)).toEqual(['last']);
  expect(log.warn.mock.calls.map(([{ name }]) => name)).toEqual(['taken']);
});

test('processes that begin at the same moment store each pair once, with one event, and none of them complains', async () => {
  const { keypairs } = server;
  let outrun = 0;
  const generate: Keypairs['generate'] = async (...parameters) => {
    try {
      return await keypairs.generate(...parameters);
    } catch (error) {
      outrun++;
      throw error;
    }
  };
  const pairs = [{ name: 'race' }, { name: 'race of one owner', managed: 'goauthentik.io/test/race' }];
  const logs = Array.from({ length: 4 }, () => makePairs(pairs, { ...keypairs, generate }));

  await until(() => logs.flatMap(({ info }) => info.mock.calls).length === pairs.length);
  await until(() => outrun >= 3);
  for (const { name } of pairs) {
    expect(await named(name)).toHaveLength(1);
  }
  const events = await server.database.query(
    "SELECT 1 FROM events WHERE principal_id = $1 AND context LIKE '%race%' AND action = 'model_created'",
    [SERVER.id],
  );
  expect(events).toHaveLength(pairs.length);
  expect(logs.flatMap(({ warn }) => warn.mock.calls)).toEqual([]);
  printFigures(`four that make the same two pairs: ${outrun} came too late`);
});

test('a store that is away is borne and told of once', async () => {
  const { keypairs } = server;
  let failures = 5;
  const log = makePairs([{ name: 'later' }], {
    ...keypairs,
    async generate(...parameters) {
      if (failures-- > 0) {
        throw new StoreUnavailable(new Error('away'));
      }
      return keypairs.generate(...parameters);
    },
  });

  await until(() => log.info.mock.calls.length === 1);
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect((await keypairs.list(HERE, { name: 'later' }, [], { limit: 10, offset: 0 })).total).toBe(1);
});
