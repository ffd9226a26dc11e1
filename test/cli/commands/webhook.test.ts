import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { UsageError } from '../../../src/cli/commands/command.ts';
import { webhookCommands } from '../../../src/cli/commands/webhook.ts';
import { generateKek } from '../../../src/sealing/index.ts';
import { answers, aSecret, startReceiver } from '../../operations/webhooks/support.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

let out: MockInstance;
let err: MockInstance;
const kek = generateKek();
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('CERTKEEP_KEK', kek);
  out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const run = (verb: string, ...parameters: string[]) => webhookCommands[`webhook ${verb}`]?.run(parameters);
const saidOn = (stream: MockInstance) => stream.mock.calls.map(([text]) => text).join('');

function configure(url: string, networks = '127.0.0.0/8'): void {
  vi.stubEnv('CERTKEEP_WEBHOOK_URL', url);
  vi.stubEnv('CERTKEEP_WEBHOOK_SECRET', aSecret());
  vi.stubEnv('CERTKEEP_WEBHOOK_PRIVATE_NETWORKS', networks);
}

async function put(state: 'pending' | 'delivered' | 'failed', createdAt: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO webhook_messages (id, type, payload, state, attempts, created_at, next_attempt_at, settled_at, last_error)
     VALUES ($1, 'certificate.expired', '{}', $2::webhook_state, 10, $3, $3, CASE WHEN $2 = 'pending' THEN NULL ELSE $3::timestamptz END, 'status (500)')`,
    [id, state, createdAt],
  );
  return id;
}

test('test sends a message and says that it was delivered, or why not', async () => {
  const receiver = await startReceiver((response, request, count) =>
    answers(count === 1 ? 202 : 500)(response, request, count),
  );
  configure(receiver.url);
  expect(await run('test')).toBe(0);
  expect(saidOn(out)).toMatch(/^delivered: answered with status 202 after \d+ ms\n$/);
  expect(JSON.parse(receiver.received[0]?.body ?? '{}')).toMatchObject({ type: 'webhook.test', data: {} });

  expect(await run('test')).toBe(1);
  expect(saidOn(err)).toBe('not delivered: answered with another status than 2xx (500)\n');
});

test('test says what keeps it from being sent', async () => {
  expect(await run('test')).toBe(1);
  configure('http://127.0.0.1:1/', '10.0.0.0/8');
  expect(await run('test')).toBe(1);
  expect(saidOn(err)).toBe(`not delivered: CERTKEEP_WEBHOOK_URL is not set
not delivered: the address is not public, and CERTKEEP_WEBHOOK_PRIVATE_NETWORKS does not allow it\n`);
});

test('list shows the messages, the newest first, and retry sends again what was given up', async () => {
  const pending = await put('pending', '2026-01-03T04:05:06Z');
  const failed = await put('failed', '2026-01-02T04:05:06Z');
  const delivered = await put('delivered', '2026-01-01T04:05:06Z');
  expect(await run('list')).toBe(0);
  const lines = saidOn(out).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^ID +TYPE +STATE +ATTEMPTS +CREATED +NEXT +SETTLED +LAST FAILURE$/);
  expect(lines.slice(1).map((line) => line.slice(0, 36))).toEqual([pending, failed, delivered]);
  expect(lines[2]).toMatch(
    /certificate\.expired {2}failed +10 +2026-01-02T04:05Z {2}- +2026-01-02T04:05Z {2}status \(500\)$/,
  );

  out.mockClear();
  await run('list', '--failed');
  expect(saidOn(out)).toContain(failed);
  expect(saidOn(out)).not.toContain(pending);

  expect(await run('retry', delivered)).toBe(1);
  expect(await run('retry', randomUUID())).toBe(1);
  out.mockClear();
  expect(await run('retry', failed)).toBe(0);
  expect(await run('retry', pending)).toBe(0);
  expect(await run('retry', '--failed')).toBe(0);
  expect(saidOn(out)).toBe('1 is sent again\n1 is sent again\n0 are sent again\n');
  const rows = await database.query(
    'SELECT state, attempts, settled_at FROM webhook_messages WHERE id = ANY($1::uuid[])',
    [[pending, failed]],
  );
  expect(rows).toEqual([1, 2].map(() => ({ state: 'pending', attempts: 0, settled_at: null })));
});

test.each([[[]], [['not-an-id']], [['--all']], [['--failed', 'x']]])('retry refuses %j', async (parameters) => {
  await expect(run('retry', ...parameters)).rejects.toBeInstanceOf(UsageError);
});
