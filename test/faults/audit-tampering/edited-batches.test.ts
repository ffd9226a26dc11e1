import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrail, type TestTrail } from '../../support/audit.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  for (let batch = 0; batch < 4; batch++) {
    await trail.sealed(1);
  }
});
afterEach(() => trail.close());

async function kinds() {
  return (await trail.verify()).findings.map(({ kind, batch }) => [kind, batch]);
}

test('a batch that was edited is named', async () => {
  const rows = await trail.test.query(
    "UPDATE event_batches SET newest_at = newest_at - interval '1 day' WHERE number = 2 RETURNING number",
  );
  printFigures(`audit batches edited: ${rows.length}, named`);

  expect(await kinds()).toEqual([['batch-edited', '2']]);
});

test('a batch with another MAC breaks the link of the next one too', async () => {
  await trail.test.query('UPDATE event_batches SET mac = set_bit(mac, 3, 1 - get_bit(mac, 3)) WHERE number = 2');

  expect(await kinds()).toEqual([
    ['batch-edited', '2'],
    ['batch-link-broken', '3'],
  ]);
});

test('a batch that was removed from the middle with all its events leaves a gap', async () => {
  await trail.test.query(
    'DELETE FROM events WHERE id IN (SELECT event_id FROM event_batch_members WHERE batch_number = 2)',
  );
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number = 2');
  await trail.test.query('DELETE FROM event_batches WHERE number = 2');

  expect(await kinds()).toEqual([['batch-removed', '2']]);
});

test('the first batch that was removed with all its events leaves a gap', async () => {
  await trail.test.query(
    'DELETE FROM events WHERE id IN (SELECT event_id FROM event_batch_members WHERE batch_number = 1)',
  );
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number = 1');
  await trail.test.query('DELETE FROM event_batches WHERE number = 1');

  expect(await kinds()).toEqual([['batch-removed', '1']]);
});

test('a gap that was closed by renumbering what follows is found at every batch that moved', async () => {
  await trail.test.query('ALTER TABLE event_batch_members DROP CONSTRAINT event_batch_members_batch_number_fkey');
  await trail.test.query(
    'DELETE FROM events WHERE id IN (SELECT event_id FROM event_batch_members WHERE batch_number = 2)',
  );
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number = 2');
  await trail.test.query('DELETE FROM event_batches WHERE number = 2');
  for (const number of [3, 4]) {
    await trail.test.query('UPDATE event_batches SET number = number - 1 WHERE number = $1', [number]);
    await trail.test.query('UPDATE event_batch_members SET batch_number = batch_number - 1 WHERE batch_number = $1', [
      number,
    ]);
  }

  expect(await kinds()).toEqual([
    ['batch-link-broken', '2'],
    ['batch-edited', '2'],
    ['batch-edited', '3'],
  ]);
});

test('two batches that were swapped whole are found', async () => {
  await trail.test.query(`
    UPDATE event_batches b SET (previous_mac, event_count, digest, mac_key_id, mac, sealed_at, newest_at) =
      (SELECT o.previous_mac, o.event_count, o.digest, o.mac_key_id, o.mac, o.sealed_at, o.newest_at
       FROM event_batches o WHERE o.number = 5 - b.number) WHERE b.number IN (2, 3)`);
  await trail.test.query('UPDATE event_batch_members SET batch_number = 5 - batch_number WHERE batch_number IN (2, 3)');

  expect((await kinds()).filter(([kind]) => kind === 'batch-edited')).toEqual([
    ['batch-edited', '2'],
    ['batch-edited', '3'],
  ]);
});
