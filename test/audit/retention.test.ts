import { afterEach, beforeEach, expect, test } from 'vitest';
import { macOfEvent } from '../../src/audit/event-mac.ts';
import { auditTrail, type EventRow, eventRepository } from '../../src/audit/index.ts';
import { aNewEvent, openTrail, type TestTrail } from '../support/audit.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
});
afterEach(() => trail.close());

const DAY_MS = 24 * 60 * 60 * 1000;

/** Writes an event of an earlier day, as it was written then. */
async function sealedDaysAgo(...days: number[]): Promise<void> {
  const repository = eventRepository(trail.database);
  for (const day of days) {
    const now: EventRow = auditTrail(repository, trail.keys.current).prepare(aNewEvent());
    const then = { ...now, createdAt: new Date(Date.now() - day * DAY_MS) };
    await repository.insert({ ...then, mac: macOfEvent(trail.keys.current, then) });
  }
  await trail.seal();
}

function kept() {
  return trail.test.query<{ batch: number; events: number }>(
    'SELECT batch_number::int AS batch, count(*)::int AS events FROM event_batch_members GROUP BY 1 ORDER BY 1',
  );
}

test('a batch is dropped when its newest event is too old, and is still a link of the chain', async () => {
  await sealedDaysAgo(40, 31);
  await sealedDaysAgo(40, 29);
  await sealedDaysAgo(1);
  await trail.seal({ retentionDays: 30 });

  expect(await kept()).toEqual([
    { batch: 2, events: 2 },
    { batch: 3, events: 1 },
  ]);
  expect(await trail.test.query('SELECT count(*)::int AS n FROM events')).toEqual([{ n: 3 }]);
  const { findings, batches, sealedEvents } = await trail.verify();
  expect({ findings, batches, sealedEvents }).toEqual({ findings: [], batches: 3, sealedEvents: 3 });
});

test('nothing is dropped where no retention is configured', async () => {
  await sealedDaysAgo(4000);
  await trail.seal({ retentionDays: 0 });

  expect(await kept()).toEqual([{ batch: 1, events: 1 }]);
});

test('an event that is not sealed yet is never dropped, however old it is', async () => {
  await sealedDaysAgo(40);
  await trail.test.query('INSERT INTO unsealed_events SELECT id FROM events');
  await trail.test.query('DELETE FROM event_batch_members; DELETE FROM event_batches');
  await trail.dropped(9);

  expect(await trail.test.query('SELECT count(*)::int AS n FROM events')).toEqual([{ n: 1 }]);
});

test('the chain goes on after everything was dropped', async () => {
  await sealedDaysAgo(40);
  await trail.seal({ retentionDays: 30 });
  await trail.sealed(1);

  expect((await trail.verify()).findings).toEqual([]);
  expect(await kept()).toEqual([{ batch: 2, events: 1 }]);
});
