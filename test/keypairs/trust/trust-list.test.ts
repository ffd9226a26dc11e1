import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { escapeNul } from '../../../src/keypairs/escaped-text.ts';
import {
  type Comparison,
  type KeypairId,
  ServerEnding,
  type TrustCondition,
  type TrustEntry,
  type TrustOrder,
  type TrustQuery,
} from '../../../src/keypairs/index.ts';
import type { Store } from '../../../src/operations/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { opensslPair } from '../../support/openssl.ts';
import { ACTOR, openServices } from '../support.ts';
import { anAccount, anEntry } from './support.ts';

const { certificate: CA } = opensslPair('Lab Root CA');
const NOW = new Date('2026-11-22T12:00:00.250Z');
const ENTRIES = 40;

/** Texts that order differently by UTF-16, by code points and by language, and what PostgreSQL could take for more than text. */
const NAMES = ['a', 'B', 'ä', 'z', 'Zz', '\u{ff5e}', '\u{1f600}', 'a\\b', '%', '_', "o'c", 'a b', '"'];
const SECONDS = ['2026-11-22T12:00:00Z', '2026-11-22T12:00:01Z', '2026-11-22T11:59:59Z', '2031-05-04T09:00:00Z'];
const LABELS = ['site', 'Site', 'lab-7', 'ü', ''];

let database: TestDatabase;
let store: Store;
let account: string;
let stored: TrustEntry[];
beforeAll(async () => {
  database = await createDatabase();
  store = await openServices(database, undefined, () => NOW);
  account = await anAccount(database);
  const picks = fc.sample(
    fc.record({
      name: fc.constantFrom(...NAMES),
      notAfter: fc.constantFrom(...SECONDS),
      createdAt: fc.constantFrom(...SECONDS.map((time) => time.replace('Z', '.123456Z'))),
      use: fc.constantFrom('rootCA' as const, 'intermediateCA' as const),
      desired: fc.constantFrom('trusted' as const, 'untrusted' as const),
      statedSelfSigned: fc.boolean(),
      resourceVersion: fc.constantFrom('1.0', '1.1'),
      labels: fc.array(fc.record({ name: fc.constantFrom(...LABELS), value: fc.constantFrom(...LABELS) }), {
        maxLength: 3,
      }),
    }),
    ENTRIES,
  );
  for (const { name, notAfter, createdAt, ...wanted } of picks) {
    const { id } = await store.trust.add(ACTOR, account, anEntry(CA, wanted));
    await database.query(
      'UPDATE keypairs SET common_name = $2, not_after = $3, created_at = $4::timestamptz WHERE id = $1',
      [id, escapeNul(name), notAfter, createdAt],
    );
  }
  stored = [...(await store.trust.list(account, { ...everything, limit: ENTRIES })).entries];
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const everything: TrustQuery = {
  conditions: [],
  order: { field: 'id', descending: false },
  limit: 1000,
  at: NOW,
};

/** What an entry is compared by, as the API shows it. */
const TEXTS = {
  id: ({ id }: TrustEntry) => [id],
  use: ({ use }: TrustEntry) => [use],
  commonName: ({ commonName }: TrustEntry) => [commonName],
  statedSelfSigned: ({ statedSelfSigned }: TrustEntry) => [String(statedSelfSigned)],
  state: ({ state }: TrustEntry) => [state],
  desired: ({ desired }: TrustEntry) => [desired],
  resourceVersion: ({ resourceVersion }: TrustEntry) => [resourceVersion],
  createdBy: ({ createdBy }: TrustEntry) => [createdBy],
  labelName: ({ labels }: TrustEntry) => labels.map(({ name }) => name),
  labelValue: ({ labels }: TrustEntry) => labels.map(({ value }) => value),
  certificate: ({ certificate }: TrustEntry) => [Buffer.from(certificate).toString('base64')],
} as const;

const byCodePoints = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
const holds = (order: number, comparison: Comparison) =>
  ({ eq: order === 0, lt: order < 0, gt: order > 0, lte: order <= 0, gte: order >= 0 })[comparison];

const BILLION = 1_000_000_000n;

function nanoseconds(decimal: string): bigint {
  const [seconds = '', fraction = ''] = decimal.split('.');
  return BigInt(seconds) * BILLION + BigInt(fraction.padEnd(9, '0'));
}

/** By other means than the database: of texts by UTF-8, of times by numbers. */
function passes(entry: TrustEntry, { field, operator, value }: TrustCondition): boolean {
  if (field === 'notAfter' || field === 'createdAt' || field === 'updatedAt') {
    const seconds = Math.floor(entry[field].getTime() / 1000);
    return operator === 'in'
      ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z').includes(value)
      : holds(Number(BigInt(seconds) * BILLION - nanoseconds(value)), operator);
  }
  const texts = TEXTS[field as keyof typeof TEXTS](entry);
  return texts.some((text) => (operator === 'in' ? text.includes(value) : holds(byCodePoints(text, value), operator)));
}

const comparison = fc.constantFrom<Comparison>('eq', 'lt', 'gt', 'lte', 'gte');
const words = fc.constantFrom(...NAMES, ...LABELS.slice(0, -1), 'true', 'trusted', 'rootCA', 'CA', '1.1', 'LS0t', '-4');
const condition: fc.Arbitrary<TrustCondition> = fc.oneof(
  fc.record({
    field: fc.constantFrom(...(Object.keys(TEXTS) as (keyof typeof TEXTS)[])),
    operator: fc.oneof(comparison, fc.constant('in' as const)),
    value: words,
  }),
  fc.record({
    field: fc.constantFrom('notAfter' as const, 'createdAt' as const),
    operator: comparison,
    value: fc
      .tuple(fc.constantFrom(...SECONDS), fc.constantFrom('', '.000000001', '.5'))
      .map(([time, fraction]) => `${Date.parse(time) / 1000}${fraction}`),
  }),
  fc.record({
    field: fc.constantFrom('notAfter' as const),
    operator: fc.constant('in' as const),
    value: fc.constantFrom('2026', '12:00', 'Z', '-05-'),
  }),
);
const order: fc.Arbitrary<TrustOrder> = fc.record({
  field: fc.constantFrom('id', 'use', 'commonName', 'statedSelfSigned', 'state', 'desired', 'notAfter', 'createdAt'),
  descending: fc.boolean(),
});

function sorted(entries: readonly TrustEntry[], { field, descending }: TrustOrder): KeypairId[] {
  const compare = (left: TrustEntry, right: TrustEntry) =>
    field === 'notAfter' || field === 'createdAt'
      ? left[field].getTime() - right[field].getTime()
      : byCodePoints(String(left[field]), String(right[field]));
  return [...entries]
    .sort((left, right) => (descending ? -1 : 1) * compare(left, right) || byCodePoints(left.id, right.id))
    .map(({ id }) => id);
}

async function walk(query: TrustQuery): Promise<KeypairId[]> {
  const { entries, next } = await store.trust.list(account, query);
  const ids = entries.map(({ id }) => id);
  expect(ids.length).toBeLessThanOrEqual(query.limit);
  return next === undefined ? ids : [...ids, ...(await walk({ ...query, after: next }))];
}

test('a walk finds exactly the entries that pass, each once and in order, whatever is asked', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(condition, { maxLength: 2 }),
      order,
      fc.integer({ min: 1, max: 12 }),
      async (conditions, order, limit) => {
        const expected = stored.filter((entry) => conditions.every((each) => passes(entry, each)));
        found += expected.length;
        expect(await walk({ ...everything, conditions, order, limit })).toEqual(sorted(expected, order));
      },
    ),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(500);
});

test.each([
  ['eq', 'a\\b'],
  ['in', '\\'],
  ['in', 'a\\'],
] as const)('a common name with a backslash is found by what it is: %s %s', async (operator, value) => {
  const own = await anAccount(database);
  const { id } = await store.trust.add(ACTOR, own, anEntry(CA));
  await database.query('UPDATE keypairs SET common_name = $2 WHERE id = $1', [id, escapeNul('a\\b')]);
  const find = async (searched: string) =>
    (
      await store.trust.list(own, { ...everything, conditions: [{ field: 'commonName', operator, value: searched }] })
    ).entries.map((entry) => entry.id);

  expect(await find(value)).toEqual([id]);
  expect(await find(escapeNul('a\\b'))).toEqual([]);
});

test('only the entries that are named are looked at', async () => {
  const ids = stored.slice(3, 9).map(({ id }) => id);

  expect(await walk({ ...everything, ids: [...ids, '00000000-0000-4000-8000-000000000000'], limit: 2 })).toEqual(ids);
  expect(await walk({ ...everything, ids: [] })).toEqual([]);
});

test('what must look at every entry waits for its turn among the searches, and what an index gives does not', async () => {
  // Nothing gets a turn any more.
  store.beginClosing();
  const list = (query: Partial<TrustQuery>) => store.trust.list(account, { ...everything, ...query });

  await expect(list({})).rejects.toThrow(ServerEnding);
  await expect(
    list({
      order: { field: 'createdAt', descending: false },
      conditions: [{ field: 'state', operator: 'eq', value: 'trusted' }],
    }),
  ).rejects.toThrow(ServerEnding);
  expect((await list({ order: { field: 'createdAt', descending: false } })).entries).toHaveLength(ENTRIES);
});
