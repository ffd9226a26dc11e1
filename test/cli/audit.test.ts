import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateAuditKey, parseAuditKeys } from '../../src/audit/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import { openTrail, type TestTrail } from '../support/audit.ts';
import { run } from '../support/process.ts';

const key = generateAuditKey();
const kek = generateKek();

let trail: TestTrail;
beforeAll(async () => {
  trail = await openTrail(parseAuditKeys(key));
  await trail.sealed(2);
  await trail.sealed(1);
});
afterAll(() => trail.close());

async function certkeep(parameters: readonly string[], environment: Record<string, string> = {}) {
  const command = run('src/cli/main.ts', parameters, {
    ...{ DATABASE_URL: trail.test.url, CERTKEEP_KEK: kek, CERTKEEP_AUDIT_KEY: key },
    ...environment,
  });
  const exitCode = await command.ended;
  return { exitCode, output: command.output() };
}

test('a sound trail is 0, with its head; a head that is told elsewhere is held against it', async () => {
  const { exitCode, output } = await certkeep(['audit', 'verify']);
  expect(output).toMatch(/^2 batches with 3 events, 0 not yet sealed; head 2:[0-9a-f]{64}\n$/);
  expect(exitCode).toBe(0);

  const head = await certkeep(['audit', 'head']);
  expect(head).toEqual({ exitCode: 0, output: `${/2:[0-9a-f]{64}/.exec(output)?.[0]}\n` });
  expect((await certkeep(['audit', 'verify', '--head', head.output.trim()])).exitCode).toBe(0);
  const cut = await certkeep(['audit', 'verify', '--head', `7:${'0'.repeat(64)}`, '--json']);
  expect(cut.exitCode).toBe(1);
  const [finding, summary] = cut.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(finding).toEqual({ kind: 'head-missing', severity: 'tampered', batch: '7' });
  expect(summary).toMatchObject({
    tampered: 1,
    unverifiable: 0,
    batches: 2,
    sealedEvents: 3,
    head: head.output.trim(),
  });
});

test('a trail that was tampered with is 1, and the event is named', async () => {
  const [event] = await trail.test.query<{ id: string; action: string }>('SELECT id, action FROM events LIMIT 1');
  await trail.test.query("UPDATE events SET action = 'secret_view' WHERE id = $1", [event?.id]);
  const { exitCode, output } = await certkeep(['audit', 'verify']);
  await trail.test.query('UPDATE events SET action = $2 WHERE id = $1', [event?.id, event?.action]);

  expect(output).toContain(`event-edited: batch 1, event ${event?.id} is not as it was written`);
  expect(exitCode).toBe(1);
});

test('a trail whose key is not at hand is 2', async () => {
  const { exitCode, output } = await certkeep(['audit', 'verify'], { CERTKEEP_AUDIT_KEY: generateAuditKey() });

  expect(output).toContain('key-missing: batch 1 was authenticated with a key that is not at hand');
  expect(exitCode).toBe(2);
  const both = await certkeep(['audit', 'verify'], { CERTKEEP_AUDIT_KEY: `${generateAuditKey()},${key}` });
  expect(both.exitCode).toBe(0);
});

test('what is no head, no number of days and no key is refused before anything is done', async () => {
  expect((await certkeep(['audit', 'verify', '--head', '7'])).exitCode).toBe(64);
  expect((await certkeep(['audit', 'prune'])).exitCode).toBe(64);
  expect((await certkeep(['audit', 'prune', '--days', '0'])).exitCode).toBe(64);
  const malformed = await certkeep(['audit', 'head'], { CERTKEEP_AUDIT_KEY: `${key} short` });
  expect(malformed.exitCode).toBe(78);
  expect(malformed.output).toContain('Key 2 of CERTKEEP_AUDIT_KEY');
});

test('old events are dropped by command, and the trail is sound', async () => {
  expect(await certkeep(['audit', 'prune', '--days', '1'])).toEqual({
    exitCode: 0,
    output: 'dropped the events of 0 batches\n',
  });
  expect((await trail.verify()).findings).toEqual([]);
});
