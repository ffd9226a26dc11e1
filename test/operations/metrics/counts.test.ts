import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const PAIR = opensslPair();
const POOL = 3;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    keyGenerationSlots: 1,
    keyGenerationQueueLength: 1,
    databasePoolSize: POOL,
    databaseTimeoutMs: 30_000,
  });
});
afterAll(() => server.close());

const scrape = async () => parseExposition(await server.metrics());

const create = async (name: string) => {
  const body = { name, certificate_data: PAIR.certificate, key_data: PAIR.privateKey };
  const response = await server.request('POST', PAIRS, body);
  return { status: response.status, body: (await response.json()) as { pk: string } };
};

describe('the metrics of events', () => {
  const actions = async () => {
    const samples = (await scrape()).of('certkeep_events_total');
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['action'], value])) as Record<string, number>;
  };

  it('count each event that this process wrote, by its action, and none that was not written', async () => {
    const before = await actions();
    const { status, body } = await create('counted');
    expect(status).toBe(201);
    expect((await create('counted')).status).toBe(400);
    const path = `${PAIRS}${body.pk}/`;
    expect((await server.request('PATCH', path, { name: 'renamed' })).status).toBe(200);
    expect((await server.request('GET', `${path}view_private_key/`)).status).toBe(200);
    expect((await server.request('DELETE', path)).status).toBe(204);
    const after = await actions();
    const more = Object.entries(after).map(([action, count]) => [action, count - (before[action] ?? 0)]);
    expect(Object.fromEntries(more)).toEqual({
      configuration_warning: 0,
      login_failed: 0,
      model_created: 1,
      model_updated: 1,
      model_deleted: 1,
      secret_view: 1,
      secret_rotate: 0,
      suspicious_request: 0,
      system_exception: 0,
    });
    const stored = await server.database.query<{ action: string; count: number }>(
      'SELECT action, count(*)::int AS count FROM events GROUP BY action',
    );
    expect(stored.filter(({ action, count }) => after[action] !== count)).toEqual([]);
  });
});

describe('the metrics of leases', () => {
  it('show that this process seals', async () => {
    expect((await create('to be sealed')).status).toBe(201);
    await until(async () => (await scrape()).value('certkeep_lease_held', { lease: 'audit-sealer' }) === 1);
    // Again, where it had nothing to seal for long.
    expect((await scrape()).value('certkeep_lease_acquisitions_total', { lease: 'audit-sealer' })).toBeGreaterThan(0);
    expect((await scrape()).value('certkeep_lease_held', { lease: 'trust-watch' })).toBe(0);
  });
});

describe('the metrics of generations', () => {
  it('show what runs and what waits, and count what is sent away', async () => {
    const generate = () => {
      const body = { common_name: randomUUID(), validity_days: 1, alg: 'rsa' };
      return server.request('POST', `${PAIRS}generate/`, body);
    };
    const answers: Promise<Response>[] = [];
    // One that ends before the next comes would make room for it.
    await until(async () => {
      answers.push(generate(), generate(), generate());
      const shown = await scrape();
      const [running, waiting, refused] = ['running', 'waiting', 'refused_total'].map((what) =>
        shown.value(`certkeep_key_generations_${what}`),
      );
      return running === 1 && waiting === 1 && (refused ?? 0) > 0;
    });
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    const shown = await scrape();
    expect(shown.value('certkeep_key_generations_refused_total')).toBe(statuses.filter((it) => it === 503).length);
    expect(statuses).toContain(503);
    expect(shown.value('certkeep_key_generations_running')).toBe(0);
    expect(shown.value('certkeep_key_generations_waiting')).toBe(0);
  });
});

describe('the metrics of connections', () => {
  it('show a pool that is exhausted, and what waits for it', async () => {
    const reads: Promise<Response>[] = [];
    const release = await lockEvents();
    for (let index = 0; index < POOL + 2; index++) {
      reads.push(server.request('POST', PAIRS, { name: `waits ${index}`, certificate_data: PAIR.certificate }));
    }
    // Each scrape's own reads wait too, but not for long.
    await until(async () => {
      const shown = await scrape();
      const used = shown.value('db_client_connection_count', { state: 'used' });
      return used === POOL && (shown.value('db_client_connection_pending_requests') ?? 0) > 0;
    });
    await release();
    expect((await Promise.all(reads)).map(({ status }) => status)).toEqual(Array(POOL + 2).fill(201));
    expect((await scrape()).value('db_client_connection_max')).toBe(POOL);
    // What a scrape reads, and what the server does beside it, takes connections too.
    await until(async () => {
      const shown = await scrape();
      const used = shown.value('db_client_connection_count', { state: 'used' }) ?? POOL;
      return shown.value('db_client_connection_pending_requests') === 0 && used < POOL;
    });
  });
});

/** Keeps every write waiting until the function that it gives is called. */
async function lockEvents(): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: server.database.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE events IN EXCLUSIVE MODE');
  return () => client.end();
}
