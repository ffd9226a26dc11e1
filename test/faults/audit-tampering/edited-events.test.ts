import { afterEach, beforeEach, expect, test } from 'vitest';
import { aNewEvent, openTrail, type TestTrail } from '../../support/audit.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(3);
});
afterEach(() => trail.close());

test('an event that was edited after it was sealed is named, with its batch', async () => {
  const rows = await trail.test.query<{ id: string }>(
    "UPDATE events SET username = 'somebody else' WHERE id = (SELECT id FROM events LIMIT 1) RETURNING id",
  );
  const { findings } = await trail.verify();

  printFigures(`audit events edited after they were sealed: ${rows.length}, named`);
  expect(findings).toEqual([{ kind: 'event-edited', severity: 'tampered', batch: '1', event: rows[0]?.id }]);
});

test('an event that was edited before it was sealed is never sealed, named once in the log, and found', async () => {
  await trail.trail.record(aNewEvent());
  const rows = await trail.test.query<{ id: string }>(
    "UPDATE events SET client_address = '198.51.100.1' WHERE id = (SELECT event_id FROM unsealed_events) RETURNING id",
  );
  await trail.seal();
  await trail.seal();
  await trail.sealed(1);

  const { findings, sealedEvents } = await trail.verify();
  const named = trail.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['event']);
  printFigures(`audit events edited before they were sealed: ${rows.length}, not sealed`);
  expect(named).toEqual([rows[0]?.id]);
  expect(sealedEvents).toBe(4);
  expect(findings).toEqual([{ kind: 'event-edited', severity: 'tampered', event: rows[0]?.id }]);
});

test('an event whose MAC and context were taken from another is found', async () => {
  const rows = await trail.test.query<{ id: string }>(`
    WITH one AS (SELECT id, context, mac FROM events ORDER BY id LIMIT 1)
    UPDATE events e SET context = one.context, mac = one.mac FROM one
    WHERE e.id = (SELECT id FROM events ORDER BY id DESC LIMIT 1) RETURNING e.id`);

  expect((await trail.verify()).findings).toEqual([
    { kind: 'event-edited', severity: 'tampered', batch: '1', event: rows[0]?.id },
    { kind: 'batch-contents-changed', severity: 'tampered', batch: '1' },
  ]);
});

test('an event that was edited and says that its key is not at hand is found all the same', async () => {
  const rows = await trail.test.query<{ id: string }>(
    "UPDATE events SET username = 'x', mac_key_id = 'none' WHERE id = (SELECT id FROM events LIMIT 1) RETURNING id",
  );

  expect((await trail.verify()).findings).toEqual([
    { kind: 'key-missing', severity: 'unverifiable', batch: '1', event: rows[0]?.id },
    { kind: 'batch-contents-changed', severity: 'tampered', batch: '1' },
  ]);
});
