import { expect, it, onTestFinished } from 'vitest';
import { keepPresent, thisInstance } from '../../src/sealing/index.ts';
import { until } from '../support/until.ts';

/** A ring and a repository that count, and that fail as long as the database is away. */
function scene() {
  const counts = { refreshed: 0, announced: 0, withdrawn: 0, warnings: 0 };
  const database = { away: false, silent: false };
  const step = (name: keyof typeof counts) => async () => {
    if (database.silent) {
      await new Promise(() => {});
    }
    if (database.away) {
      throw new Error('away');
    }
    counts[name]++;
  };
  const presence = keepPresent({
    repository: { withdraw: step('withdrawn') } as unknown as Parameters<typeof keepPresent>[0]['repository'],
    ring: { refresh: step('refreshed'), announce: step('announced') } as unknown as Parameters<
      typeof keepPresent
    >[0]['ring'],
    instance: thisInstance(),
    log: { warn: () => void counts.warnings++ },
    intervalMs: 1,
  });
  onTestFinished(() => presence.close());
  return { counts, database, presence };
}

it('a server learns and announces itself again and again, and withdraws when it closes, once nothing is under way', async () => {
  const { counts, presence } = scene();
  await until(() => counts.announced > 3);
  await presence.close();
  expect(counts.withdrawn).toBe(1);
  const { announced } = counts;
  await new Promise((resolve) => setImmediate(resolve));
  expect(counts.announced).toBe(announced);
});

it('a database that is away is told once, and the server announces itself again when it is back', async () => {
  const { counts, database } = scene();
  await until(() => counts.announced > 0);
  database.away = true;
  await until(() => counts.warnings > 0);
  const { announced } = counts;
  database.away = false;
  await until(() => counts.announced > announced);
  expect(counts.warnings).toBe(1);
});

it('a server can close while the database is away, also where it does not even say so', async () => {
  const { counts, database, presence } = scene();
  database.away = true;
  await until(() => counts.warnings > 0);
  await presence.close();
  const silent = scene();
  await until(() => silent.counts.announced > 0);
  silent.database.silent = true;
  await silent.presence.close();
  expect(silent.counts.withdrawn).toBe(0);
});
