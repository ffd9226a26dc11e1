import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../../src/database/index.ts';
import { type AttemptOutcome, deliverWebhooks } from '../../../src/operations/webhooks/delivery.ts';
import { type SenderOptions, webhookSender } from '../../../src/operations/webhooks/send.ts';
import { webhookRepository } from '../../../src/operations/webhooks/webhook-repository.ts';
import { keptLog, openTestDatabase } from '../../support/audit.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { present } from '../../support/present.ts';
import { until } from '../../support/until.ts';
import { answers, type Receiver, startReceiver, webhookTo } from './support.ts';

let store: TestDatabase;
let database: Database;
beforeAll(async () => {
  store = await createDatabase();
  database = openTestDatabase(store.url);
});
afterAll(async () => {
  await database.close();
  await store.drop();
});

async function put(count = 1): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await store.query(
    `INSERT INTO webhook_messages (id, type, payload) SELECT id, 'certificate.expiring', '{}' FROM unnest($1::uuid[]) AS id`,
    [ids],
  );
  return ids;
}

interface Row {
  readonly state: string;
  readonly attempts: number;
  readonly last_error: string | null;
  /** Seconds by the database's clock: when the next attempt is due, and now. */
  readonly next: number;
  readonly now: number;
}

async function rowOf(id: string): Promise<Row> {
  const rows = await store.query<Row>(
    `SELECT state, attempts, last_error, extract(epoch FROM next_attempt_at)::float8 AS next,
       extract(epoch FROM clock_timestamp())::float8 AS now
     FROM webhook_messages WHERE id = $1`,
    [id],
  );
  return present(rows[0]);
}

/** Lets the time of the next attempt come. Takes a message away from the attempt that is under way, too. */
const hasten = (ids: readonly string[]) =>
  store.query('UPDATE webhook_messages SET next_attempt_at = clock_timestamp() WHERE id = ANY($1::uuid[])', [ids]);

interface DeliverOptions extends Partial<SenderOptions> {
  readonly patienceMs?: number;
  /** Is told of each message whose attempt was settled, and waited for: until then no other attempt begins. */
  readonly onSettled?: (id: string) => Promise<void>;
}

/** Delivers as a process of its own; ends with the test. */
function deliver(receiver: Pick<Receiver, 'url'>, { onSettled = async () => {}, ...options }: DeliverOptions = {}) {
  const outcomes: AttemptOutcome[] = [];
  const { lines, log } = keptLog();
  const repository = webhookRepository(database);
  const delivery = deliverWebhooks({
    repository: {
      ...repository,
      async settle(message, settlement) {
        await repository.settle(message, settlement);
        await onSettled(message.id);
      },
    },
    send: webhookSender({ webhook: webhookTo(receiver.url), ...options }),
    log,
    onAttempt: (outcome) => outcomes.push(outcome),
    intervalMs: 5,
    ...options,
  });
  onTestFinished(() => delivery.close());
  return { ...delivery, outcomes, lines };
}

const isSettled = async (id: string) => (await rowOf(id)).state !== 'pending';

test('a message that a receiver takes at the second attempt is delivered, and was tried twice', async () => {
  const receiver = await startReceiver((response, _request, count) =>
    answers(count === 1 ? 500 : 200)(response, _request, count),
  );
  const seen: Row[] = [];
  const { outcomes, lines } = deliver(receiver, { onSettled: async (settled) => void seen.push(await rowOf(settled)) });
  const [clock] = await store.query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 AS now');
  const [id = ''] = await put();
  await until(() => outcomes.length > 0);
  const first = present(seen[0]);
  expect(first).toMatchObject({ state: 'pending', attempts: 1, last_error: expect.stringContaining('(500)') });
  // It was settled between the two looks at the clock, whenever that was.
  expect(first.next).toBeGreaterThan(present(clock).now + 4.9);
  expect(first.next).toBeLessThan(first.now + 6.1);

  await hasten([id]);
  // It is told of once it was written.
  await until(() => outcomes.length > 1);
  expect(await rowOf(id)).toMatchObject({ state: 'delivered', attempts: 2 });
  expect(receiver.counts()).toEqual(new Map([[`msg_${id}`, 2]]));
  expect(outcomes).toEqual(['retried', 'delivered']);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'debug']);
});

test('a receiver that wants no more is not asked again', async () => {
  const receiver = await startReceiver(answers(410));
  const { outcomes } = deliver(receiver);
  const [id = ''] = await put();
  await until(() => outcomes.length > 0);
  expect(await rowOf(id)).toMatchObject({ state: 'failed', attempts: 1 });
  expect(outcomes).toEqual(['failed']);
});

test('a message is given up after its tenth attempt, and sent again when the operator says so', async () => {
  let status = 500;
  const receiver = await startReceiver((response) => response.writeHead(status).end());
  const { outcomes, lines } = deliver(receiver);
  const [id = ''] = await put();
  await until(() => outcomes.length > 0);
  while (outcomes.at(-1) !== 'failed') {
    const before = outcomes.length;
    await hasten([id]);
    await until(() => outcomes.length > before);
  }
  expect(outcomes).toEqual([...Array.from({ length: 9 }, () => 'retried'), 'failed']);
  expect(await rowOf(id)).toMatchObject({ state: 'failed', attempts: 10 });
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { messageId: id, attempts: 10 } });

  status = 200;
  expect(await webhookRepository(database).retry(id)).toBe(1);
  await until(async () => (await rowOf(id)).state === 'delivered');
  expect(await webhookRepository(database).retry(id)).toBe(0);
});

describe('of many processes', () => {
  test('each message is sent by one', async () => {
    const receiver = await startReceiver();
    const ids = await put(200);
    const processes = Array.from({ length: 3 }, () => deliver(receiver));
    await until(async () => (await Promise.all(ids.slice(-3).map(isSettled))).every(Boolean));
    await until(() => receiver.received.length >= 200);
    const { size } = receiver.counts();
    const shares = processes.map(({ outcomes }) => outcomes.length);
    process.stdout.write(`200 messages, sent by three: ${shares.join(', ')}\n`);
    expect([size, receiver.received.length]).toEqual([200, 200]);
    expect(shares.filter((share) => share > 0).length).toBeGreaterThan(1);
  });

  test('one takes over what another one claimed and never settled, under the same id', async () => {
    const receiver = await startReceiver();
    const [id = ''] = await put();
    const [claimed] = await webhookRepository(database).claim(1, 150);
    expect(claimed).toMatchObject({ id, attempts: 1 });
    deliver(receiver);
    await until(() => isSettled(id));
    expect(receiver.counts().get(`msg_${id}`)).toBe(1);
    expect(await rowOf(id)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  test('one that comes late does not undo what the next one did', async () => {
    const repository = webhookRepository(database);
    const [id = ''] = await put();
    const [late] = await repository.claim(1, 60_000);
    await store.query('UPDATE webhook_messages SET next_attempt_at = now() WHERE id = $1', [id]);
    const [next] = await repository.claim(1, 60_000);
    await repository.settle(present(late), { state: 'failed', error: 'late' });
    expect(await rowOf(id)).toMatchObject({ state: 'pending', attempts: 2, last_error: null });
    await repository.settle(present(next), { state: 'failed', error: 'next' });
    // That it arrived after all is the truth, whoever says it.
    await repository.settle(present(late), { state: 'delivered' });
    expect(await rowOf(id)).toMatchObject({ state: 'delivered' });
  });
});

test('whoever ends leaves what it could not send in time to others, at once', async () => {
  const receiver = await startReceiver(() => {});
  const [id = ''] = await put();
  // Of an attempt that may take so long, no test would see the end.
  const { close } = deliver(receiver, { patienceMs: 50, timeoutMs: 600_000 });
  await until(() => receiver.received.length === 1);
  await close();
  // A database that is slow to write that down is not waited for.
  await until(async () => (await rowOf(id)).last_error !== null);
  const row = await rowOf(id);
  // It was not the receiver that failed.
  expect(row).toMatchObject({ state: 'pending', attempts: 0, last_error: expect.stringContaining('ended') });
  expect(row.next).toBeLessThan(row.now);
  await store.query('DELETE FROM webhook_messages WHERE id = $1', [id]);
});

test('what was settled more than 30 days ago is deleted, and nothing else', async () => {
  const [old = '', young = '', waiting = ''] = await put(3);
  await store.query(
    `UPDATE webhook_messages SET state = 'failed', settled_at = now() - CASE WHEN id = $1 THEN interval '31 days' ELSE interval '29 days' END
     WHERE id IN ($1, $2)`,
    [old, young],
  );
  await store.query(
    "UPDATE webhook_messages SET next_attempt_at = now() + interval '1 day', created_at = now() - interval '90 days' WHERE id = $1",
    [waiting],
  );
  deliver({ url: 'http://127.0.0.1:1/' });
  const left = async () => (await store.query<{ id: string }>('SELECT id FROM webhook_messages')).map(({ id }) => id);
  await until(async () => !(await left()).includes(old));
  expect(await left()).toEqual(expect.arrayContaining([young, waiting]));
});
