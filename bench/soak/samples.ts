import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { Probed, Stage } from './stage.ts';

const EVERY_MS = 10_000;

/** What the server held at one moment; sizes in bytes. */
export interface Sample extends Probed {
  /** Since the load began. */
  readonly seconds: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly databaseConnections: number;
  /** Pairs in the store, of all realms. */
  readonly pairs: number;
}

/** Takes a sample every ten seconds until the signal. */
export async function takeSamples(
  stage: Stage,
  signal: AbortSignal,
  tell: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const database = new Client({ connectionString: stage.databaseUrl });
  await database.connect();
  const samples: Sample[] = [];
  const begin = performance.now();
  try {
    // The last one is not taken where the load has ended: what is idle holds less.
    while (await wait(EVERY_MS, true, { signal }).catch(() => false)) {
      const sample = await takeSample(stage, database, (performance.now() - begin) / 1000);
      samples.push(sample);
      tell(sample);
    }
  } finally {
    await database.end();
  }
  return samples;
}

async function takeSample(stage: Stage, database: Client, seconds: number): Promise<Sample> {
  const probed = await stage.probe();
  const { rows } = await database.query<{ connections: number; pairs: number }>(
    `SELECT (SELECT count(*)::int FROM pg_stat_activity
              WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS connections,
            (SELECT count(*)::int FROM keypairs) AS pairs`,
  );
  return {
    seconds,
    ...probed,
    handles: Object.values(probed.resources).reduce((sum, count) => sum + count, 0),
    descriptors: (await readdir(`/proc/${stage.pid}/fd`)).length,
    databaseConnections: rows[0]?.connections ?? 0,
    pairs: rows[0]?.pairs ?? 0,
  };
}
