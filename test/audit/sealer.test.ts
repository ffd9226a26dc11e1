import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aNewEvent, keptLog, openTrail, sealerOn, type TestTrail } from '../support/audit.ts';
import { until } from '../support/until.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
});
afterEach(() => trail.close());

function queued() {
  return trail.test.query('SELECT event_id FROM unsealed_events');
}

test('an event whose transaction commits after later ones were sealed is sealed too', async () => {
  const early = trail.trail.prepare(aNewEvent());
  const slow = new Client({ connectionString: trail.test.url });
  await slow.connect();
  await slow.query('BEGIN');
  const { createdAt, id, action, app, context, macKeyId, mac } = early;
  const values = [id, createdAt, action, app, early.principalId, early.username, early.tokenId, early.clientAddress];
  await slow.query('INSERT INTO events VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)', [
    ...values,
    ...[early.requestId, early.modelApp, early.modelName, early.modelPk, context, macKeyId, Buffer.from(mac)],
  ]);
  await slow.query('INSERT INTO unsealed_events VALUES ($1)', [id]);

  await trail.sealed(2);
  await slow.query('COMMIT');
  await slow.end();
  await trail.seal();

  const { findings, sealedEvents, unsealedEvents } = await trail.verify();
  expect({ findings, sealedEvents, unsealedEvents }).toEqual({ findings: [], sealedEvents: 3, unsealedEvents: 0 });
});

test('more events than a batch holds are sealed into several, each once', async () => {
  await Promise.all(Array.from({ length: 1100 }, () => trail.trail.record(aNewEvent())));
  await trail.seal();

  const sizes = await trail.test.query('SELECT event_count::int AS size FROM event_batches ORDER BY number');
  expect(sizes).toEqual([{ size: 500 }, { size: 500 }, { size: 100 }]);
  expect((await trail.verify()).findings).toEqual([]);
});

test('the twelfth batch follows the eleventh', async () => {
  for (let batch = 0; batch < 12; batch++) {
    await trail.sealed(1);
  }
  const { findings, head } = await trail.verify();

  expect({ findings, number: head?.number }).toEqual({ findings: [], number: 12n });
});

test('a process that does not hold the lease seals nothing, until the lease ends', async () => {
  await trail.trail.record(aNewEvent());
  await trail.test.query(
    "INSERT INTO leases VALUES ('audit-sealer', gen_random_uuid(), clock_timestamp() + interval '30 minutes')",
  );
  await trail.seal();
  expect(await queued()).toHaveLength(1);

  await trail.test.query('UPDATE leases SET expires_at = clock_timestamp()');
  await trail.seal();
  expect(await queued()).toEqual([]);
});

test('an idle store is asked one question in each turn', async () => {
  await trail.sealed(1);
  let queries = 0;
  const counting: typeof trail.database = {
    ...trail.database,
    query(...parameters) {
      queries++;
      return trail.database.query(...parameters);
    },
  };
  const idle = sealerOn(counting, { keys: trail.keys, log: keptLog().log });
  await idle.turn();

  expect(queries).toBe(1);
});

test('a sealer that is closed seals what is left, and gives the lease back', async () => {
  const isDone = async () => {
    const held = await trail.test.query('SELECT 1 FROM leases WHERE expires_at > clock_timestamp()');
    return held.length === 0 && (await queued()).length === 0;
  };
  // It waits for its last turn only so long, which goes on all the same: on a machine that stands still, one time or another.
  let wasDone = false;
  for (let round = 0; round < 5 && !wasDone; round++) {
    const sealer = sealerOn(trail.database, { keys: trail.keys, log: keptLog().log });
    sealer.start(3_600_000);
    await trail.trail.record(aNewEvent());
    await sealer.close();
    wasDone = await isDone();
    await until(isDone, 8000);
  }
  expect(wasDone).toBe(true);
});

test('an outage delays the sealing, is told of once, and ends by itself', async () => {
  const { log, lines } = keptLog();
  let queries = 0;
  const database: typeof trail.database = {
    ...trail.database,
    query(...parameters) {
      queries++;
      return trail.database.query(...parameters);
    },
  };
  const sealer = sealerOn(database, { keys: trail.keys, log });
  await trail.test.query('ALTER TABLE event_batches RENAME TO away');
  await trail.trail.record(aNewEvent());
  sealer.start(10);
  await until(() => queries > 12);
  await trail.test.query('ALTER TABLE away RENAME TO event_batches');
  await until(() => lines.some(({ message }) => message === 'audit events are sealed again'));
  expect(await queued()).toEqual([]);
  await sealer.close();

  const messages = lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  expect(messages).toEqual(['audit events wait to be sealed']);
});

test('each sealed event is a line of JSON in a file that may be moved away, oldest first', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-audit-'));
  const path = join(directory, 'events.jsonl');
  try {
    const event = aNewEvent('of the line');
    await trail.trail.record(event);
    await trail.seal({ linesTo: path });
    await rename(path, `${path}.1`);
    await trail.trail.record(aNewEvent());
    await trail.trail.record(aNewEvent());
    await trail.seal({ linesTo: path });

    const [line] = (await readFile(`${path}.1`, 'utf8')).split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      user: { username: 'operator' },
      action: 'model_updated',
      app: 'authentik.events.middleware',
      context: { model: { name: 'of the line' } },
      client_ip: '192.0.2.7',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      batch: '1',
    });
    const later = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).created as string);
    expect(later).toHaveLength(2);
    expect(later).toEqual([...later].sort());
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('lines that can not be written are told of in the log, and the events are sealed all the same', async () => {
  await trail.trail.record(aNewEvent());
  await trail.seal({ linesTo: join(tmpdir(), 'there is no such directory', 'events.jsonl') });

  expect(await queued()).toEqual([]);
  expect(trail.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['batch'])).toEqual(['1']);
});
