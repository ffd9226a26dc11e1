import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { plantMany } from '../operations/expiry/support.ts';
import { aSecret, startReceiver } from '../operations/webhooks/support.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('support/expiry-process.ts', import.meta.url));
const PAIRS = 160;
const KILLS = 2;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** A process that watches and delivers; it is killed after the test if it still runs. */
function startProcess(webhookUrl: string, secret: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, database.url, webhookUrl, secret], {
    stdio: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Messages of which the outbox does not know what became of them. */
async function underWay(): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    "SELECT id FROM webhook_messages WHERE state = 'pending' AND attempts > 0",
  );
  return rows.map(({ id }) => `msg_${id}`);
}

/** Waits until PostgreSQL knows that a process is dead: until then it may still do what that asked for at last. */
const forgotten = () =>
  until(async () => {
    const text = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'certkeep'";
    return (await database.query(text)).length === 0;
  });

/** Lets so much time pass that what a dead process held is free. */
async function letTimePass(): Promise<void> {
  await database.query("UPDATE leases SET expires_at = 'epoch'");
  await database.query("UPDATE webhook_messages SET next_attempt_at = clock_timestamp() WHERE state = 'pending'");
}

test('a process that is killed loses no notice and tells none twice, and repeats no message but those that it was sending', async () => {
  await plantMany(database, PAIRS, 5);
  let child: ChildProcess | undefined;
  let killAt = 20;
  // The message has arrived; the process never hears so.
  const receiver = await startReceiver((response, _request, count) => {
    if (count === killAt) {
      child?.kill('SIGKILL');
    }
    setTimeout(() => response.writeHead(204).end(), 5);
  });
  const secret = aSecret();
  const mayRepeat = new Set<string>();
  const noticesAtKill: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    child = startProcess(receiver.url, secret);
    await once(child, 'exit');
    await forgotten();
    for (const id of await underWay()) {
      mayRepeat.add(id);
    }
    noticesAtKill.push((await database.query('SELECT FROM expiry_notices')).length);
    await letTimePass();
    killAt = receiver.received.length + 40;
  }
  killAt = 0;
  child = startProcess(receiver.url, secret);
  const settled = "SELECT count(*)::int AS settled FROM webhook_messages WHERE state = 'delivered'";
  await until(async () => (await database.query<{ settled: number }>(settled))[0]?.settled === PAIRS);

  const counts = receiver.counts();
  const repeated = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
  process.stdout.write(
    `${KILLS} kills, when ${noticesAtKill.join(', ')} of ${PAIRS} notices were written; ${mayRepeat.size} messages under way, of which ${repeated.length} came again\n`,
  );
  expect(counts.size).toBe(PAIRS);
  expect(repeated.filter((id) => !mayRepeat.has(id))).toEqual([]);
  expect(repeated.length).toBeGreaterThan(0);
  const [told] = await database.query(`
    SELECT count(*)::int AS events, count(DISTINCT model_pk)::int AS pairs, (SELECT count(*) FROM expiry_notices)::int AS notices,
      (SELECT count(*) FROM webhook_messages)::int AS messages FROM events`);
  expect(told).toEqual({ events: PAIRS, pairs: PAIRS, notices: PAIRS, messages: PAIRS });
}, 180_000);
