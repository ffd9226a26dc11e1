import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aNewEvent, openTrail, type TestTrail } from '../../support/audit.ts';
import { present } from '../../support/present.ts';
import { printFigures } from '../support/figures.ts';

/** In the order in which foreign keys let them be filled. */
const TABLES = ['events', 'unsealed_events', 'event_batches', 'event_batch_members', 'event_batch_drops'] as const;

const LEAST_ID = '00000000-0000-0000-0000-000000000000';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

let trail: TestTrail;
let columns: Column[];

/** A dropped batch, two that are kept, and events that wait: a row of each kind in every table. */
beforeAll(async () => {
  trail = await openTrail();
  await trail.sealed(2);
  await trail.dropped(1);
  await trail.sealed(3);
  await trail.sealed(2);
  await trail.trail.record(aNewEvent());
  await trail.trail.record(aNewEvent());
  for (const table of TABLES) {
    await trail.test.query(`CREATE TABLE saved_${table} AS TABLE ${table}`);
  }
  columns = await trail.test.query<Column>(
    `SELECT table_name AS table, column_name AS column, udt_name AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = ANY($1) ORDER BY table_name, ordinal_position`,
    [[...TABLES]],
  );
});
afterAll(() => trail.close());

const RESTORE = [
  `TRUNCATE ${TABLES.join(', ')}`,
  ...TABLES.map((table) => `INSERT INTO ${table} SELECT * FROM saved_${table}`),
].join('; ');

const VALUES: Readonly<Record<string, fc.Arbitrary<string | null>>> = {
  uuid: fc.oneof(fc.constant(null), fc.uuid(), fc.constant(LEAST_ID)),
  text: fc.oneof(
    fc.constant(null),
    fc.constant(''),
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
  ),
  bytea: fc.oneof(
    fc.constant(`\\x${'00'.repeat(32)}`),
    fc.uint8Array({ minLength: 31, maxLength: 33 }).map((octets) => `\\x${Buffer.from(octets).toString('hex')}`),
  ),
  timestamptz: fc.oneof(
    fc.constantFrom('infinity', '-infinity', '0044-03-15 BC', '20000-01-01'),
    fc
      .date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('9999-12-31') })
      .map((date) => date.toISOString()),
  ),
  int4: fc.integer({ min: -5, max: 1000 }).map(String),
  int8: fc.integer({ min: -5, max: 10 }).map(String),
};

interface Mutation {
  /** By its place. */
  readonly row: number;
  /** undefined for the value that the next row has. */
  readonly value: string | null | undefined;
}

/** Changes one value; `unchanged` where it is that already, `refused` where the database does not take it. */
async function mutate({ table, column, type }: Column, { row, value }: Mutation) {
  const rows = await trail.database.query<{ ctid: string; value: string | null }>(
    `SELECT ctid::text, ${column}::text AS value FROM ${table} ORDER BY ctid`,
    [],
  );
  const at = (index: number) => present(rows[index % rows.length]);
  try {
    const changed = await trail.database.query(
      `UPDATE ${table} SET ${column} = $1::text::${type}
       WHERE ctid = $2::tid AND ${column} IS DISTINCT FROM $1::text::${type} RETURNING 1 AS changed`,
      [value === undefined ? at(row + 1).value : value, at(row).ctid],
    );
    return changed.length === 0 ? 'unchanged' : 'changed';
  } catch {
    return 'refused';
  }
}

test('whatever is put into any column of any audit table, a verification finds it', async () => {
  const seen = { changed: 0, refused: 0, unchanged: 0 };
  const mutated = new Set<string>();
  for (const column of columns) {
    const name = `${column.table}.${column.column}`;
    const values = fc.option(present(VALUES[column.type]), { nil: undefined, freq: 3 });
    await fc.assert(
      fc.asyncProperty(fc.record({ row: fc.nat(), value: values }), async (mutation) => {
        const outcome = await mutate(column, mutation);
        seen[outcome]++;
        if (outcome === 'changed') {
          mutated.add(name);
          const { findings } = await trail.verify();
          await trail.test.query(RESTORE);
          expect(
            findings.map(({ severity }) => severity),
            name,
          ).toContain('tampered');
        }
      }),
      { numRuns: 15 },
    );
  }

  expect((await trail.verify()).findings).toEqual([]);
  printFigures(
    `single mutations of audit rows: ${seen.changed} in ${mutated.size} of ${columns.length} columns, all found; ${seen.refused} refused by the database`,
  );
  expect(mutated.size).toBeGreaterThan(20);
}, 120_000);

test('a row of any audit table that is deleted is missed', async () => {
  for (const table of TABLES) {
    if (table === 'event_batches') {
      // Its members and its drop refer to it.
      await trail.test.query('ALTER TABLE event_batch_members DROP CONSTRAINT event_batch_members_batch_number_fkey');
      await trail.test.query('ALTER TABLE event_batch_drops DROP CONSTRAINT event_batch_drops_batch_number_fkey');
    }
    const rows = await trail.test.query<{ ctid: string }>(`SELECT ctid::text FROM ${table}`);
    for (const [index] of rows.entries()) {
      await trail.test.query(
        `DELETE FROM ${table} WHERE ctid = (SELECT ctid FROM ${table} ORDER BY ctid OFFSET ${index} LIMIT 1)`,
      );
      const { findings } = await trail.verify();
      await trail.test.query(RESTORE);
      expect(
        findings.map(({ severity }) => severity),
        `row ${index} of ${table}`,
      ).toContain('tampered');
    }
    printFigures(`audit rows deleted from ${table}: ${rows.length}, each missed`);
    expect(rows.length).toBeGreaterThan(0);
  }
});

test('an event that is put in under the least of all ids is found', async () => {
  await trail.test.query(
    `INSERT INTO events SELECT $1, created_at, action, app, principal_id, username, token_id, client_address, request_id, model_app,
       model_name, model_pk, context, mac_key_id, mac FROM events LIMIT 1`,
    [LEAST_ID],
  );
  const { findings } = await trail.verify();
  await trail.test.query(RESTORE);

  expect(findings.map(({ kind }) => kind).sort()).toEqual(['event-edited', 'event-inserted']);
});
