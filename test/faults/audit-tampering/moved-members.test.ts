import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrail, type TestTrail } from '../../support/audit.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(2);
  await trail.sealed(2);
});
afterEach(() => trail.close());

async function kinds() {
  return (await trail.verify()).findings.map(({ kind, batch }) => [kind, batch]);
}

test('an event that was moved to another batch is missed there and found here', async () => {
  const rows = await trail.test.query(`UPDATE event_batch_members SET batch_number = 2 WHERE event_id =
    (SELECT event_id FROM event_batch_members WHERE batch_number = 1 LIMIT 1) RETURNING event_id`);
  printFigures(`memberships moved to another audit batch: ${rows.length}, found`);

  expect(await kinds()).toEqual([
    ['batch-contents-changed', '1'],
    ['batch-contents-changed', '2'],
  ]);
});

test('two events that changed batches are found, though both counts are right', async () => {
  await trail.test.query(`
    WITH one AS (SELECT min(event_id::text)::uuid AS id FROM event_batch_members WHERE batch_number = 1),
         other AS (SELECT min(event_id::text)::uuid AS id FROM event_batch_members WHERE batch_number = 2)
    UPDATE event_batch_members SET batch_number = 3 - batch_number FROM one, other
    WHERE event_id IN (one.id, other.id)`);

  expect(await kinds()).toEqual([
    ['batch-contents-changed', '1'],
    ['batch-contents-changed', '2'],
  ]);
});

test('an event that was said to be in a batch that is not there is found', async () => {
  await trail.test.query('ALTER TABLE event_batch_members DROP CONSTRAINT event_batch_members_batch_number_fkey');
  await trail.test.query(`UPDATE event_batch_members SET batch_number = 9 WHERE event_id =
    (SELECT event_id FROM event_batch_members WHERE batch_number = 2 LIMIT 1)`);

  expect(await kinds()).toEqual([
    ['batch-contents-changed', '2'],
    ['member-without-batch', '9'],
  ]);
});
