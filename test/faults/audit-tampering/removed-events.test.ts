import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrail, type TestTrail } from '../../support/audit.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(3);
  await trail.sealed(1);
});
afterEach(() => trail.close());

test('an event that was removed is named, with its batch', async () => {
  const rows = await trail.test.query<{ id: string }>(
    'DELETE FROM events WHERE id = (SELECT event_id FROM event_batch_members WHERE batch_number = 1 LIMIT 1) RETURNING id',
  );
  printFigures(`sealed audit events removed: ${rows.length}, named`);

  expect((await trail.verify()).findings).toEqual([
    { kind: 'event-removed', severity: 'tampered', batch: '1', event: rows[0]?.id },
    { kind: 'batch-contents-changed', severity: 'tampered', batch: '1' },
  ]);
});

test('an event that was removed together with its membership is missed by its batch', async () => {
  const rows = await trail.test.query(`
    WITH member AS (DELETE FROM event_batch_members WHERE event_id =
      (SELECT event_id FROM event_batch_members WHERE batch_number = 1 LIMIT 1) RETURNING event_id)
    DELETE FROM events WHERE id IN (SELECT event_id FROM member) RETURNING id`);
  printFigures(`sealed audit events removed with their membership: ${rows.length}, missed`);
  expect(rows).toHaveLength(1);

  expect((await trail.verify()).findings).toEqual([
    { kind: 'batch-contents-changed', severity: 'tampered', batch: '1' },
  ]);
});

test('all events of a batch that were deleted without a record of a retention are missed', async () => {
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number = 1');
  await trail.test.query('DELETE FROM events WHERE id NOT IN (SELECT event_id FROM event_batch_members)');

  expect((await trail.verify()).findings).toEqual([
    { kind: 'batch-contents-changed', severity: 'tampered', batch: '1' },
  ]);
});
