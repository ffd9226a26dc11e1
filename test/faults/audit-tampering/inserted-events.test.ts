import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditTrail, eventRepository } from '../../../src/audit/index.ts';
import { aNewEvent, openTrail, someKeys, type TestTrail } from '../../support/audit.ts';
import { present } from '../../support/present.ts';
import { printFigures } from '../support/figures.ts';

let trail: TestTrail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.sealed(2);
});
afterEach(() => trail.close());

/** A copy of a sealed event under an id of its own: as far as somebody gets who has the database and no key. */
const INSERT = `
  INSERT INTO events SELECT gen_random_uuid(), created_at, action, app, principal_id, username, token_id, client_address, request_id,
    model_app, model_name, model_pk, context, mac_key_id, mac FROM events LIMIT 1 RETURNING id`;

async function insert(): Promise<string> {
  const [row] = await trail.test.query<{ id: string }>(INSERT);
  return present(row).id;
}

test('an event that was put beside the others is found', async () => {
  const event = await insert();
  printFigures('audit events inserted by hand: 1, found');

  expect((await trail.verify()).findings).toEqual([
    { kind: 'event-edited', severity: 'tampered', event },
    { kind: 'event-inserted', severity: 'tampered', event },
  ]);
});

test('an event that was put into the queue too is not sealed, and found', async () => {
  const event = await insert();
  await trail.test.query('INSERT INTO unsealed_events VALUES ($1)', [event]);
  await trail.sealed(1);

  const { findings, sealedEvents } = await trail.verify();
  expect(sealedEvents).toBe(3);
  expect(findings).toEqual([{ kind: 'event-edited', severity: 'tampered', event }]);
});

test('an event that was put into a batch is found, and the batch does not count it', async () => {
  const event = await insert();
  await trail.test.query('INSERT INTO event_batch_members VALUES ($1, 1)', [event]);

  expect((await trail.verify()).findings.map(({ kind }) => kind)).toEqual(['event-edited', 'batch-contents-changed']);
});

test('an event that was authenticated with another key is not sealed, and nobody vouches for it', async () => {
  await auditTrail(eventRepository(trail.database), someKeys().current).record(aNewEvent());
  await trail.seal();
  await trail.seal();

  const { findings, sealedEvents } = await trail.verify();
  expect(sealedEvents).toBe(2);
  expect(findings).toEqual([{ kind: 'key-missing', severity: 'unverifiable', event: expect.any(String) }]);
  expect(trail.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('more forged events than fit into a batch keep none of ours from being sealed', async () => {
  await trail.test.query(
    `WITH forged AS (INSERT INTO events SELECT gen_random_uuid(), e.created_at, action, app, principal_id, username, token_id,
       client_address, request_id, model_app, model_name, model_pk, context, mac_key_id, mac
       FROM (SELECT * FROM events LIMIT 1) e, generate_series(1, 1200) RETURNING id)
     INSERT INTO unsealed_events SELECT id FROM forged`,
  );
  await trail.sealed(2);

  expect((await trail.verify()).sealedEvents).toBe(4);
});

test('a sealed event that was queued again keeps none of ours from being sealed, and is found', async () => {
  await trail.test.query('INSERT INTO unsealed_events SELECT id FROM events');
  await trail.sealed(1);

  const { findings, sealedEvents } = await trail.verify();
  expect(sealedEvents).toBe(3);
  expect(findings.map(({ kind }) => kind)).toEqual(['queue-of-sealed-event', 'queue-of-sealed-event']);
});
