import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyTrail } from '../../src/audit/index.ts';
import { inSnapshot } from '../../src/audit/trail-repository.ts';
import { aNewEvent, openTrail, type TestTrail } from '../support/audit.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
});
afterEach(() => trail.close());

test('a trail without events is sound, and has no head', async () => {
  expect(await trail.verify()).toEqual({
    head: undefined,
    batches: 0,
    sealedEvents: 0,
    unsealedEvents: 0,
    findings: [],
  });
});

test('an event that waits to be sealed is no finding for an hour, and then a warning', async () => {
  await trail.trail.record(aNewEvent());
  const verifyIn = async (minutes: number) => {
    const kinds: string[] = [];
    await verifyTrail({
      database: trail.database,
      keys: trail.keys,
      now: new Date(Date.now() + minutes * 60_000),
      found: ({ kind, severity }) => kinds.push(`${kind} ${severity}`),
    });
    return kinds;
  };

  expect(await verifyIn(59)).toEqual([]);
  expect(await verifyIn(61)).toEqual(['event-unsealed warning']);
});

test('what waits to be sealed and is not there is found', async () => {
  const id = randomUUID();
  await trail.test.query('INSERT INTO unsealed_events VALUES ($1)', [id]);

  expect((await trail.verify()).findings).toEqual([{ kind: 'queue-without-event', severity: 'tampered', event: id }]);
});

test('an event that was taken out of the queue unsealed is found', async () => {
  await trail.trail.record(aNewEvent());
  await trail.test.query('DELETE FROM unsealed_events');

  expect((await trail.verify()).findings.map(({ kind }) => kind)).toEqual(['event-inserted']);
});

test('more than a page of events, in batches and in the queue, is verified to the last', async () => {
  const write = (count: number) => Promise.all(Array.from({ length: count }, () => trail.trail.record(aNewEvent())));
  await write(1203);
  await trail.seal();
  await write(1101);

  const { findings, sealedEvents, unsealedEvents } = await trail.verify();
  expect({ findings, sealedEvents, unsealedEvents }).toEqual({
    findings: [],
    sealedEvents: 1203,
    unsealedEvents: 1101,
  });

  await trail.test.query("UPDATE events SET action = action || '!'");
  const tampered = await trail.verify();
  expect(tampered.findings.filter(({ kind }) => kind === 'event-edited')).toHaveLength(2304);
});

test('what is sealed and dropped while a verification reads is as if it came later', async () => {
  await trail.sealed(2);
  await trail.sealed(2);
  await trail.trail.record(aNewEvent());
  const count = async (rows: AsyncIterable<unknown>) => {
    let read = 0;
    for await (const _ of rows) {
      read++;
    }
    return read;
  };
  const read = await inSnapshot(trail.database, async (reader) => {
    const batches = await count(reader.batches());
    await trail.seal();
    await trail.dropped(1);
    return [batches, await count(reader.members()), await count(reader.looseEvents())];
  });

  expect(read).toEqual([2, 4, 1]);
  const { batches, sealedEvents, findings } = await trail.verify();
  expect({ batches, sealedEvents, findings }).toEqual({ batches: 3, sealedEvents: 3, findings: [] });
});
