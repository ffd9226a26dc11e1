import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountId } from '../../../src/access/index.ts';
import { OPERATOR } from '../../../src/audit/index.ts';
import { type KeypairId, KeypairNotFound, readCaCertificate } from '../../../src/keypairs/index.ts';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { makeAccount } from './support/accounts.ts';
import { type List, listOf } from './support/list.ts';
import { keepMany } from './support/many.ts';

const STAYING = 1000;
const UNSETTLED = 60;

/** Many are alike by each of them but the last. */
const ORDERS = [undefined, 'cn desc', 'expiryTimestamp', 'trustState desc', 'id'] as const;

const CERTIFICATES = ['Root 0', 'Root 4', 'a root'].map((name) =>
  readCaCertificate(Buffer.from(opensslPair(name).certificate)),
);

let server: TestServer;
let account: AccountId;
let staying: readonly KeypairId[];
let unsettled: KeypairId[];
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
  const alike = {
    commonName: "'Root ' || n % 9",
    notAfter: "'2039-01-01T00:00:00Z'::timestamptz + (n % 7 || ' days')::interval",
    desired: "(ARRAY['trusted', 'untrusted'])[n % 2 + 1]::trust_state",
  };
  const all = await keepMany(server, account, STAYING + UNSETTLED, alike);
  // Between the others in every order.
  unsettled = all.filter((_, index) => index % 17 === 3).slice(0, UNSETTLED);
  const leaving = new Set(unsettled);
  staying = all.filter((id) => !leaving.has(id)).slice(0, STAYING);
  expect([staying.length, unsettled.length]).toEqual([STAYING, UNSETTLED]);
});
afterAll(() => server.close());

const anyOf = <T>(items: readonly T[]) => items[randomInt(items.length)] as T;

/** Adds, changes or removes one of those that do not stay. */
async function write(done: Record<'added' | 'changed' | 'removed', number>): Promise<void> {
  const certificate = anyOf(CERTIFICATES);
  const what = unsettled.length < UNSETTLED / 2 ? 'added' : anyOf(['added', 'changed', 'removed'] as const);
  const id = anyOf(unsettled);
  if (what === 'added') {
    const rest = { statedSelfSigned: true, labels: [], resourceVersion: '1.1' };
    const desired = anyOf(['trusted', 'untrusted'] as const);
    const entry = await server.trust.add(OPERATOR, account, { certificate, use: 'rootCA', desired, ...rest });
    unsettled.push(entry.id);
  } else if (what === 'changed') {
    await server.trust.change(OPERATOR, account, id, ({ desired }) =>
      randomInt(2) === 0 ? { certificate } : { desired: desired === 'trusted' ? 'untrusted' : 'trusted' },
    );
  } else {
    unsettled = unsettled.filter((each) => each !== id);
    await server.trust.remove(OPERATOR, account, id, () => {});
  }
  done[what] += 1;
}

test('1,000 certificates walked with limit=7 while others come, go and change: each is seen once, in every order', async () => {
  const done = { added: 0, changed: 0, removed: 0 };
  let walks = ORDERS.length;
  const writing = (async () => {
    while (walks > 0) {
      await write(done).catch((error: unknown) => {
        if (!(error instanceof KeypairNotFound)) {
          throw error;
        }
      });
    }
  })();
  const seen = await Promise.all(
    ORDERS.map(async (orderBy) => {
      const query = { include: 'id', limit: '7', ...(orderBy === undefined ? {} : { orderBy }) };
      const ids: string[] = [];
      let pages = 0;
      try {
        for (let token: string | undefined = ''; token !== undefined; pages += 1) {
          const list: List<[string]> = await listOf(
            server,
            account,
            token === '' ? query : { ...query, continue: token },
          );
          ids.push(...list.items.flat());
          token = list.metadata.continue;
        }
      } finally {
        walks -= 1;
      }
      expect(pages).toBeGreaterThan(STAYING / 7);
      return ids;
    }),
  );
  await writing;

  const stayed = new Set<string>(staying);
  for (const ids of seen) {
    expect(ids.filter((id) => stayed.has(id)).toSorted()).toEqual(staying.toSorted());
  }
  process.stdout.write(`[list] ${ORDERS.length} walks, meanwhile ${JSON.stringify(done)}\n`);
  expect(Math.min(done.added, done.changed, done.removed)).toBeGreaterThan(10);
}, 120_000);
