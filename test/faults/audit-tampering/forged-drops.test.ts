import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrail, type TestTrail } from '../../support/audit.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(2);
  await trail.sealed(2);
  await trail.dropped(1);
});
afterEach(() => trail.close());

async function kinds() {
  return (await trail.verify()).findings.map(({ kind, batch }) => [kind, batch]);
}

test('a batch that a retention dropped is no finding, and the chain goes on over it', async () => {
  const { findings, batches, sealedEvents } = await trail.verify();

  expect({ findings, batches, sealedEvents }).toEqual({ findings: [], batches: 2, sealedEvents: 2 });
});

test('events that were deleted under the drop record of another batch are missed', async () => {
  const rows = await trail.test.query(`
    INSERT INTO event_batch_drops SELECT 2, dropped_at, mac_key_id, mac FROM event_batch_drops RETURNING batch_number`);
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number = 2');
  await trail.test.query('DELETE FROM events');
  printFigures(`records of a retention forged: ${rows.length}, found`);

  expect(await kinds()).toEqual([['drop-forged', '2']]);
});

test('a drop whose time was changed is found', async () => {
  await trail.test.query("UPDATE event_batch_drops SET dropped_at = dropped_at - interval '1 year'");

  expect(await kinds()).toEqual([['drop-forged', '1']]);
});

test('a batch of which events were put back after its drop is found', async () => {
  await trail.test.query(`UPDATE event_batch_members SET batch_number = 1 WHERE event_id =
    (SELECT event_id FROM event_batch_members WHERE batch_number = 2 LIMIT 1)`);

  expect(await kinds()).toEqual([
    ['drop-incomplete', '1'],
    ['batch-contents-changed', '2'],
  ]);
});

test('a retention drops no batch that was tampered with, and says so', async () => {
  await trail.sealed(1);
  await trail.test.query(
    "UPDATE events SET username = 'x' WHERE id IN (SELECT event_id FROM event_batch_members WHERE batch_number = 2)",
  );
  await trail.dropped(9);

  expect(trail.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['batch'])).toEqual(['2']);
  const left = await trail.test.query('SELECT DISTINCT batch_number::int AS batch FROM event_batch_members');
  expect(left).toEqual([{ batch: 2 }]);
});

test('a retention drops no new batch that was made to look old under a key that nobody has', async () => {
  await trail.test.query("UPDATE event_batches SET newest_at = '2001-01-01', mac_key_id = 'none' WHERE number = 2");
  await trail.seal({ retentionDays: 30 });

  expect(await trail.test.query('SELECT count(*)::int AS events FROM events')).toEqual([{ events: 2 }]);
});

test('nor one of which an event was edited and says that its key is not at hand', async () => {
  await trail.test.query("UPDATE events SET username = 'x', mac_key_id = 'none'");
  await trail.dropped(9);

  expect(await trail.test.query('SELECT count(*)::int AS events FROM events')).toEqual([{ events: 2 }]);
});
