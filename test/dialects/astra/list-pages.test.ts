import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountId } from '../../../src/access/index.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { certificatesOf, makeAccount } from './support/accounts.ts';
import { type List, listOf, type Query, queryOf } from './support/list.ts';
import { keepMany } from './support/many.ts';
import { expectProblem } from './support/problems.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

let server: TestServer;
/** Of ten certificates. */
let account: AccountId;
let ahead = 0;
beforeAll(async () => {
  server = await startServer({}, undefined, undefined, () => new Date(Date.now() + ahead));
  account = await makeAccount(server);
  await keepMany(server, account, 10, {
    commonName: "'Root ' || n % 3",
    use: "(ARRAY['rootCA', 'intermediateCA'])[n % 2 + 1]::certificate_use",
  });
});
afterAll(() => server.close());

/** Walks a list to its end. */
async function walk(of: AccountId, query: Query): Promise<List[]> {
  const pages = [await listOf(server, of, query)];
  for (let token = pages[0]?.metadata.continue; token !== undefined; token = pages.at(-1)?.metadata.continue) {
    pages.push(await listOf(server, of, { ...query, continue: token }));
  }
  return pages;
}

const idsIn = (pages: readonly List[]) => pages.flatMap(({ items }) => items.map(({ id }) => id));

describe('§3.6: limit and continue', () => {
  test.each<[Query, readonly number[]]>([
    [{ limit: '1' }, Array.from({ length: 10 }, () => 1)],
    [{ limit: '3' }, [3, 3, 3, 1]],
    [{ limit: '5' }, [5, 5]],
    [{ limit: '10' }, [10]],
    [{ limit: '99999999999999999999999999' }, [10]],
    [{}, [10]],
    [{ limit: '2', filter: "certUse eq 'rootCA'", orderBy: 'cn desc' }, [2, 2, 1]],
  ])('%j: pages of %j', async (query, lengths) => {
    const pages = await walk(account, query);
    const { limit: _, ...whole } = query;
    expect(pages.map(({ items }) => items.length)).toEqual(lengths);
    expect(idsIn(pages)).toEqual(idsIn([await listOf(server, account, whole)]));
  });

  test('a page may be longer than the one before', async () => {
    const first = await listOf(server, account, { limit: '2' });
    const rest = await listOf(server, account, { limit: '100', continue: String(first.metadata.continue) });
    expect([rest.items.length, rest.metadata]).toEqual([8, {}]);
  });

  test.each<[string, Query]>([
    ['a filter', { filter: "cn in 'Root'" }],
    ['other fields', { include: 'id' }],
    ['another order', { orderBy: 'cn' }],
  ])('5: a token of a query without %s', async (_what, change) => {
    const token = String((await listOf(server, account, { limit: '2' })).metadata.continue);
    await expectRefused(account, { limit: '2', ...change, continue: token });
  });

  test('5: a token of another account, and one that was altered', async () => {
    const token = String((await listOf(server, account, { limit: '2' })).metadata.continue);
    await expectRefused(await makeAccount(server), { limit: '2', continue: token });
    await expectRefused(account, { limit: '2', continue: token.replace(/.$/, (last) => (last === '=' ? 'A' : '=')) });
    await expectRefused(account, { limit: '2', continue: token.slice(4) });
  });

  test('a token whose plus signs stand in the address as they are is taken', async () => {
    const token = String((await listOf(server, account, { limit: '2' })).metadata.continue);
    const { items } = await listOf(server, account, `limit=2&continue=${token}`);
    expect(items).toHaveLength(2);
  });

  async function expectRefused(of: AccountId, query: Query): Promise<void> {
    await expectProblem(server, { method: 'GET', path: `${certificatesOf(of)}?${queryOf(query)}` }, 5, {
      invalidParams: [{ name: 'continue', reason: expect.any(String) }],
    });
  }
});

test('one answer has 5,000 at the most, whatever is asked for, and says that more is left', async () => {
  const large = await makeAccount(server);
  const ids = await keepMany(server, large, 5001);
  const list = await listOf<string[]>(server, large, { include: 'id', limit: '6000' });
  expect(list.items.flat()).toEqual(ids.slice(0, 5000));
  const rest = await listOf<string[]>(server, large, { include: 'id', continue: String(list.metadata.continue) });
  expect([rest.items.flat(), rest.metadata]).toEqual([ids.slice(5000), {}]);
});

test('states are judged when a walk begins: what expires meanwhile is neither missed nor seen twice', async () => {
  const expiring = await makeAccount(server);
  const ids = await keepMany(server, expiring, 12, {
    // Every other one expires while the walk is under way.
    notAfter: "date_trunc('second', now()) + (CASE n % 2 WHEN 0 THEN '1 year'::interval ELSE '9 years' END)",
    desired: "(ARRAY['trusted', 'untrusted'])[n % 3 % 2 + 1]::trust_state",
  });
  const first = await listOf(server, expiring, { orderBy: 'trustState', limit: '5' });
  ahead = 2 * YEAR_MS;
  try {
    const query = { orderBy: 'trustState', limit: '100', continue: String(first.metadata.continue) };
    const rest = await listOf(server, expiring, query);
    expect(idsIn([first, rest]).toSorted()).toEqual([...ids].toSorted());
    expect(new Set([...first.items, ...rest.items].map(({ trustState }) => trustState))).toEqual(
      new Set(['trusted', 'untrusted']),
    );
    const anew = await listOf(server, expiring, { filter: "trustState eq 'expired'" });
    expect(anew.items).toHaveLength(6);
  } finally {
    ahead = 0;
  }
});
