import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { parseExposition } from '../../support/exposition.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const NOT_AFTER = 'certkeep_certificate_not_after_timestamp_seconds';
const DAY_SECONDS = 86_400;

let template: TestServer;
let made: { pk: string };

/** The only keypair that is made by a server: the others are copies of its row. */
beforeAll(async () => {
  template = await startServer();
  const body = { common_name: 'template', validity_days: 1, alg: 'ecdsa' };
  made = (await (await template.request('POST', `${PAIRS}generate/`, body)).json()) as { pk: string };
});
afterAll(() => template.close());

const COPY = `
  INSERT INTO keypairs SELECT (jsonb_populate_record(NULL::keypairs, $1::jsonb || jsonb_build_object(
    'id', gen_random_uuid(), 'realm', $2::text, 'scope', $3::text, 'name', $4::text,
    'not_after', date_trunc('second', now()) + $5::int * interval '1 second'))).*
  RETURNING id, extract(epoch FROM not_after)::float8 AS "notAfter"`;

interface Copy {
  readonly name: string;
  /** From now. */
  readonly expiresIn: number;
  readonly realm?: string;
  readonly scope?: string;
}

/** Puts certificates into a database, past the server. */
async function put(database: TestDatabase, copies: readonly Copy[]) {
  const [row] = await template.database.query<{ row: unknown }>(
    `SELECT to_jsonb(k) - '{private_key_seal_revision,private_key_type,private_key_digest}'::text[] AS row FROM keypairs k WHERE id = $1`,
    [made.pk],
  );
  const stored: { id: string; notAfter: number }[] = [];
  for (const { name, expiresIn, realm = 'authentik', scope = '' } of copies) {
    stored.push(...(await database.query<(typeof stored)[0]>(COPY, [row?.row, realm, scope, name, expiresIn])));
  }
  return stored;
}

/** A server that shows so many certificates, on a database that holds these before its first scrape. */
async function serving(certificates: number, copies: readonly Copy[]) {
  const database = await createDatabase();
  const stored = await put(database, copies);
  const metrics = { host: '127.0.0.1', port: undefined, certificates };
  const server = await startServer({ metrics }, database);
  onTestFinished(async () => {
    await server.close();
    await database.drop();
  });
  const shown = Math.min(certificates, copies.filter(({ expiresIn }) => expiresIn > -30 * DAY_SECONDS).length);
  return { server, database, stored, scrape: () => scrapeOf(server, shown) };
}

/** What a scrape shows; one that had no patience with the database, which may be slow for a moment, is followed by another. */
async function scrapeOf(server: TestServer, certificates: number) {
  let shown = parseExposition('');
  await until(async () => {
    shown = parseExposition(await server.metrics());
    const counted = ['certkeep_events_unsealed', 'certkeep_webhook_messages', 'certkeep_certificates'];
    return counted.every((name) => shown.of(name).length > 0) && shown.of(NOT_AFTER).length >= certificates;
  });
  return shown;
}

const upcoming = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `upcoming-${index}`, expiresIn: (index + 1) * DAY_SECONDS }));

describe('certificates', () => {
  it('are counted by realm, and shown one by one with realm, scope, name, id and their expiry in Unix time', async () => {
    const copies = [
      { name: 'a', expiresIn: 60 },
      { name: 'b', expiresIn: 120, realm: 'strata', scope: '1234567890/All' },
      { name: 'c', expiresIn: -60, realm: 'strata', scope: '1234567890/All' },
    ];
    const { stored, scrape } = await serving(10, copies);
    const [a, b, c] = stored;
    const shown = await scrape();
    expect(shown.of(NOT_AFTER).map(({ labels, value }) => ({ ...labels, value }))).toEqual([
      { realm: 'strata', scope: '1234567890/All', name: 'c', id: c?.id, value: c?.notAfter },
      { realm: 'authentik', scope: '', name: 'a', id: a?.id, value: a?.notAfter },
      { realm: 'strata', scope: '1234567890/All', name: 'b', id: b?.id, value: b?.notAfter },
    ]);
    const counts = (name: string) => shown.of(name).map(({ labels, value }) => [labels['realm'], value]);
    const sorted = (pairs: (string | number | undefined)[][]) =>
      pairs.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    expect(sorted(counts('certkeep_certificates'))).toEqual([
      ['astra', 0],
      ['authentik', 1],
      ['strata', 2],
    ]);
    expect(sorted(counts('certkeep_certificates_expired'))).toEqual([
      ['astra', 0],
      ['authentik', 0],
      ['strata', 1],
    ]);
    expect(shown.value('certkeep_certificates_not_shown')).toBe(0);
    expect(shown.value('certkeep_database_up')).toBe(1);
  });

  it('beyond the bound are not shown, but counted: those that expire next have the places', async () => {
    const { scrape } = await serving(4, upcoming(7));
    const shown = await scrape();
    const names = shown.of(NOT_AFTER).map(({ labels }) => labels['name']);
    expect(names).toEqual(['upcoming-0', 'upcoming-1', 'upcoming-2', 'upcoming-3']);
    expect(shown.value('certkeep_certificates_not_shown')).toBe(3);
  });

  it('that expired take a quarter of the places, the latest first, and none once they expired 30 days ago', async () => {
    const expired = [31, 20, 10, 2, 1].map((days) => ({ name: `expired-${days}`, expiresIn: -days * DAY_SECONDS }));
    const { scrape } = await serving(8, [...expired, ...upcoming(7)]);
    const shown = await scrape();
    const names = shown.of(NOT_AFTER).map(({ labels }) => labels['name']);
    expect(names).toEqual(['expired-2', 'expired-1', ...upcoming(6).map(({ name }) => name)]);
    // Of twelve, one expired too long ago to count, and eight are shown.
    expect(shown.value('certkeep_certificates_not_shown')).toBe(3);
  });

  it('are none where none shall be shown', async () => {
    const { scrape } = await serving(0, upcoming(2));
    const shown = await scrape();
    expect(shown.of(NOT_AFTER)).toEqual([]);
    expect(shown.value('certkeep_certificates_not_shown')).toBe(2);
  });

  it('keep the format, and short labels, whatever their names are', async () => {
    const names = ['quote " backslash \\ newline \n }', 'x'.repeat(2048), '🔑'.repeat(500), 'x'.repeat(128)];
    const { scrape } = await serving(
      10,
      names.map((name, index) => ({ name, expiresIn: 60 + index })),
    );
    const shown = (await scrape()).of(NOT_AFTER).map(({ labels }) => labels['name']);
    expect(shown).toEqual([names[0], `${'x'.repeat(127)}…`, `${'🔑'.repeat(127)}…`, names[3]]);
  });
});

describe('the store', () => {
  it('that is away takes its metrics out of the scrape, and no others', async () => {
    const { server, database } = await serving(10, upcoming(1));
    await database.query('ALTER TABLE keypairs RENAME TO gone; ALTER TABLE unsealed_events RENAME TO gone_too');
    const shown = parseExposition(await server.metrics());
    expect(shown.value('certkeep_database_up')).toBe(0);
    for (const name of [NOT_AFTER, 'certkeep_certificates', 'certkeep_events_unsealed', 'certkeep_webhook_messages']) {
      expect(shown.names).toContain(name);
      expect(shown.of(name)).toEqual([]);
    }
    expect(shown.value('db_client_connection_max')).toBe(4);
    const told = () => server.log().filter(({ msg }) => msg === 'metrics of the store could not be read');
    await until(() => told().length === 3);
  });

  it('tells how many events wait to be sealed, and how many webhooks wait or were given up', async () => {
    const database = await createDatabase();
    await database.query('INSERT INTO unsealed_events SELECT gen_random_uuid() FROM generate_series(1, 3)');
    await database.query(`INSERT INTO webhook_messages (id, type, payload, state, settled_at)
      SELECT gen_random_uuid(), 'x', '{}', s::webhook_state, CASE WHEN s = 'pending' THEN NULL ELSE now() END
      FROM unnest('{pending,pending,failed,delivered}'::text[]) AS s`);
    const server = await startServer({}, database);
    onTestFinished(async () => {
      await server.close();
      await database.drop();
    });
    const shown = await scrapeOf(server, 0);
    // Beside them, that the first token was made; it may be sealed already, as what is no event can't be.
    expect([3, 4]).toContain(shown.value('certkeep_events_unsealed'));
    expect(shown.value('certkeep_webhook_messages', { state: 'pending' })).toBe(2);
    expect(shown.value('certkeep_webhook_messages', { state: 'failed' })).toBe(1);
  });
});
