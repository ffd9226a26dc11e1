import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { Model, type ModelCertificate } from './model.ts';
import { aFingerprint, DAY, openWatcher, plant } from './support.ts';

/** More of them for who looks for what is rare. */
const RUNS = Number(process.env['CERTKEEP_EXPIRY_RUNS'] ?? 8);
const WATCHERS = 3;
/** Few, so that a round takes several transactions of each. */
const BATCH = 3;
const START = Date.parse('2026-06-01T12:00:00Z');

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const figures = { notices: 0, rounds: 0, met: 0, toldBefore: 0, killed: 0, changedMeanwhile: 0 };

const query = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;

/** A store whose clock is the test's, and some watchers on it. */
class World {
  readonly model = new Model();
  now = START;
  watchers = this.start();
  #isLooking = false;

  start() {
    return Array.from({ length: WATCHERS }, () =>
      openWatcher(database, { now: () => new Date(this.now), batch: BATCH }),
    );
  }

  get ids(): string[] {
    return [...this.model.certificates.keys()];
  }

  certificate({ before, after }: Lifetime, fingerprint = aFingerprint()): ModelCertificate {
    const second = Math.floor(this.now / 1000) * 1000;
    return { fingerprint, notBefore: second - before * DAY, notAfter: second + after * DAY, since: this.now };
  }

  async store(lifetime: Lifetime): Promise<void> {
    const id = randomUUID();
    await inTransaction(async () => {
      const certificate = this.certificate(lifetime);
      await plant({ query: query as TestDatabase['query'] }, asDates(certificate), { id });
      await query('UPDATE expiry_watches SET since = $2 WHERE keypair_id = $1', [id, new Date(this.now)]);
      this.model.certificates.set(id, certificate);
    });
  }

  async change(id: string, certificate: ModelCertificate): Promise<void> {
    await inTransaction(async () => {
      const { notBefore, notAfter, fingerprint } = asDates(certificate);
      await query('UPDATE keypairs SET not_before = $2, not_after = $3, fingerprint_sha256 = $4 WHERE id = $1', [
        ...[id, notBefore, notAfter],
        fingerprint,
      ]);
      await query('UPDATE expiry_watches SET since = $2 WHERE keypair_id = $1', [id, new Date(certificate.since)]);
      this.model.certificates.set(id, certificate);
    });
    if (this.#isLooking) {
      this.model.perhapsLookedAtAll(this.now);
    }
  }

  async remove(id: string): Promise<void> {
    await query('DELETE FROM keypairs WHERE id = $1', [id]);
    this.model.certificates.delete(id);
  }

  /** All watchers at once, until nothing is due. */
  async round(meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    const looked = this.watchers.map(async (turn) => {
      let sum = 0;
      for (let last = 1; last > 0; sum += last) {
        const result = await turn();
        last = result.looked;
        figures.notices += result.told.length;
        figures.toldBefore += result.toldBefore;
      }
      return sum;
    });
    this.model.perhapsLookedAtAll(this.now);
    this.#isLooking = true;
    const [results] = await Promise.all([Promise.allSettled(looked), meanwhile()]);
    this.#isLooking = false;
    this.model.perhapsLookedAtAll(this.now);
    figures.rounds++;
    const busy = results.filter((result) => result.status === 'fulfilled' && result.value > 0);
    figures.met += busy.length > 1 ? 1 : 0;
    figures.killed += results.filter(({ status }) => status === 'rejected').length;
  }

  async check(): Promise<void> {
    await this.round();
    this.model.lookedAtAll(this.now);
    const events = await query(
      `SELECT model_pk::uuid::text || ' ' || (context::jsonb->>'fingerprint_sha256') || ' ' || (context::jsonb->>'threshold') AS notice
       FROM events`,
    );
    expect(this.model.faultsOf(events.map(({ notice }) => notice))).toEqual([]);
  }
}

interface Lifetime {
  readonly before: number;
  readonly after: number;
}

const asDates = ({ notBefore, notAfter, fingerprint }: ModelCertificate) => ({
  notBefore: new Date(notBefore),
  notAfter: new Date(notAfter),
  fingerprint,
});

async function inTransaction(act: () => Promise<void>): Promise<void> {
  await query('BEGIN');
  await act();
  await query('COMMIT');
}

/** In days, from the moment at which it is stored. Ten days in all make two thresholds coincide, ninety are what most have. */
const lifetime: fc.Arbitrary<Lifetime> = fc.oneof(
  fc.record({ before: fc.integer({ min: 0, max: 400 }), after: fc.integer({ min: -40, max: 90 }) }),
  fc.integer({ min: 0, max: 10 }).map((before) => ({ before, after: 10 - before })),
  fc.integer({ min: 0, max: 89 }).map((before) => ({ before, after: 90 - before })),
);

/** Ends the connections of all watchers, and waits until they are gone: what they hold is passed over till then. */
const endConnections = () =>
  database.query(
    `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'certkeep'`,
  );

type Step = (world: World) => Promise<void>;
const step = (act: Step) => act;
const which = fc.nat({ max: 1000 });
const pick = (world: World, index: number): string | undefined => world.ids[index % Math.max(1, world.ids.length)];

/** A change of one pair, by itself or while watchers look. */
const changes = (act: (world: World, id: string, wanted: Lifetime) => Promise<void>): fc.Arbitrary<Step> =>
  fc.tuple(which, lifetime, fc.boolean()).map(([index, wanted, meanwhile]) =>
    step(async (world) => {
      const id = pick(world, index);
      if (id === undefined) {
        return;
      }
      if (!meanwhile) {
        return act(world, id, wanted);
      }
      figures.changedMeanwhile++;
      await world.round(() => act(world, id, wanted));
    }),
  );

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(lifetime, { minLength: 1, maxLength: 6 }).map((all) =>
      step(async (world) => {
        for (const wanted of all) {
          await world.store(wanted);
        }
      }),
    ),
  },
  { weight: 2, arbitrary: changes((world, id, wanted) => world.change(id, world.certificate(wanted))) },
  {
    weight: 1,
    // The certificate that a pair has, once more: exchanged for another one, and back.
    arbitrary: changes(async (world, id, wanted) => {
      const before = world.model.certificates.get(id) as ModelCertificate;
      await world.change(id, world.certificate(wanted));
      await world.change(id, { ...before, since: world.now });
    }),
  },
  { weight: 1, arbitrary: changes((world, id) => world.remove(id)) },
  {
    weight: 1,
    arbitrary: changes(async (_world, id) => {
      await query("UPDATE keypairs SET name = name || '.' WHERE id = $1", [id]);
    }),
  },
  {
    weight: 4,
    arbitrary: fc.double({ min: 0, max: 20, noNaN: true }).map((days) =>
      step(async (world) => {
        world.now += Math.round(days * DAY);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(-DAY, DAY).map((jump) =>
      step(async (world) => {
        world.now += jump;
        await world.check();
        world.now -= jump;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      step(async (world) => {
        await world.round(endConnections);
        world.watchers = world.start();
      }),
    ),
  },
  { weight: 3, arbitrary: fc.constant(step((world) => world.check())) },
);

test(
  'each notice is told exactly once, and none is skipped, whatever clocks, writers and watchers do',
  async () => {
    onTestFinished(() => {
      process.stdout.write(
        `${figures.notices} notices in ${figures.rounds} rounds of ${WATCHERS} watchers: in ${figures.met} more than one looked; ` +
          `${figures.toldBefore} notices met that were told before; ${figures.changedMeanwhile} changes meanwhile; ${figures.killed} killed\n`,
      );
    });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 40 }), async (sequence) => {
        const world = new World();
        for (const act of sequence) {
          await act(world);
        }
        await world.check();
        world.now += 200 * DAY;
        await world.check();
        await query('DELETE FROM keypairs');
        await query('DELETE FROM unsealed_events');
        await query('DELETE FROM events');
        // Other tests want connections too.
        await endConnections();
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(figures.notices).toBeGreaterThan(0);
  },
  RUNS * 30_000,
);
