import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrustCursor, TrustOrder } from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
const MEBIBYTE = 1 << 20;
/** In MiB of labels, in the order in which they came. A page has room for 16. */
const SIZES = [20, 6, 6, 6, 6, 20, 1];

let database: TestDatabase;
let store: Store;
let account: string;
let ids: string[];
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database);
  account = await anAccount(database);
  ids = [];
  for (const size of SIZES) {
    const { id } = await store.trust.add(ACTOR, account, anEntry(CA));
    await database.query(
      `UPDATE trust_entries SET labels = jsonb_build_array(jsonb_build_object('name', 'large', 'value', repeat('x', $2::int)))
       WHERE keypair_id = $1`,
      [id, size * MEBIBYTE],
    );
    ids.push(id);
  }
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function walk(order: TrustOrder, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let after: TrustCursor | undefined;
  do {
    const query = { conditions: [], order, limit, at: new Date(), ...(after === undefined ? {} : { after }) };
    const { entries, next } = await store.trust.list(account, query);
    pages.push(entries.map(({ id }) => id));
    after = next;
  } while (after !== undefined);
  return pages;
}

test('a page of large entries is shorter than its limit, holds one at the least, and the next goes on behind it', async () => {
  const pages = await walk({ field: 'createdAt', descending: false }, 100);
  expect(pages.flat()).toEqual(ids);
  expect(pages.map(({ length }) => length)).toEqual([1, 3, 2, 1]);
});

/** Pages are full when they have the limit's number, or 16 MiB. */
function pagesOf(sorted: readonly string[], limit: number): string[][] {
  const pages: string[][] = [];
  let room = 0;
  for (const id of sorted) {
    const page = pages.at(-1);
    if (page === undefined || room <= 0 || page.length === limit) {
      pages.push([id]);
      room = 16;
    } else {
      page.push(id);
    }
    room -= SIZES[ids.indexOf(id)] ?? 0;
  }
  return pages;
}

test('so is one that has to be sorted', async () => {
  const pages = await walk({ field: 'statedSelfSigned', descending: true }, 2);
  expect(pages).toEqual(pagesOf([...ids].sort(), 2));
});
