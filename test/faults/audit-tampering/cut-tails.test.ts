import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatHead, type Head, parseHead } from '../../../src/audit/index.ts';
import { openTrail, type TestTrail } from '../../support/audit.ts';
import { present } from '../../support/present.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
let head: Head;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(2);
  await trail.sealed(2);
  await trail.sealed(1);
  head = present((await trail.verify()).head);
});
afterEach(() => trail.close());

/** Removes the last batches with all that belongs to them, as their deletion would look that was never noticed. */
async function cut(after: number): Promise<void> {
  await trail.test.query(
    'DELETE FROM events WHERE id IN (SELECT event_id FROM event_batch_members WHERE batch_number > $1)',
    [after],
  );
  await trail.test.query('DELETE FROM event_batch_members WHERE batch_number > $1', [after]);
  const rows = await trail.test.query('DELETE FROM event_batches WHERE number > $1 RETURNING number', [after]);
  printFigures(`audit batches cut off the end: ${rows.length}, missed by the head that was told elsewhere`);
  expect(rows.length).toBeGreaterThan(0);
}

test('a tail that was cut is found by a head that the log told of', async () => {
  await cut(1);

  expect((await trail.verify()).findings).toEqual([]);
  expect((await trail.verify([head])).findings).toEqual([{ kind: 'head-missing', severity: 'tampered', batch: '3' }]);
});

test('a tail that was cut and grew again is found by its head’s MAC', async () => {
  await cut(1);
  await trail.sealed(1);
  await trail.sealed(1);

  expect((await trail.verify([head])).findings).toEqual([{ kind: 'head-differs', severity: 'tampered', batch: '3' }]);
});

test('a sealer that saw the tail says in its log that it was cut', async () => {
  await cut(2);
  await trail.sealed(1);

  const errors = trail.lines.filter(({ level }) => level === 'error');
  expect(errors.map(({ fields }) => fields['sealed'])).toEqual([formatHead(head)]);
});

test('the head is one that the log told of, and every head that is there passes', async () => {
  const told = trail.lines.map(({ fields }) => present(parseHead(`${fields['batch']}:${fields['mac']}`)));

  expect(told.map(({ number }) => number)).toEqual([1n, 2n, 3n]);
  expect(formatHead(present(told[2]))).toBe(formatHead(head));
  expect((await trail.verify(told)).findings).toEqual([]);
});
