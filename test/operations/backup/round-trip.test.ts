import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RunningProcess, run } from '../../support/process.ts';
import { PAIRS, startServer } from '../../support/server.ts';
import { commandOn } from '../../support/store.ts';
import { digestOf, openedKeysOf } from './support/digest.ts';
import { emptyDatabase, multiply, PAIR, seed, temporaryDirectory } from './support/stores.ts';

const PAIRS_MADE = 10_000;

interface Measured {
  readonly code: number | null;
  readonly seconds: number;
  /** The most memory that it ever held, in MB; 0 where the system does not tell. */
  readonly peakMb: number;
}

async function measured(command: RunningProcess): Promise<Measured> {
  const begin = performance.now();
  let peakMb = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${command.child.pid}/status`, 'utf8');
      peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended, or there is no such file on this system.
    }
  }, 25);
  const code = await command.ended;
  clearInterval(look);
  return { code, seconds: (performance.now() - begin) / 1000, peakMb };
}

test('10,000 pairs are the same in another empty database: every row of every table, and every opened key', async () => {
  const [source, target] = [await emptyDatabase(), await emptyDatabase()];
  const { kek, token, pk } = await seed(source);
  await multiply(source, kek, pk, PAIRS_MADE - 1);
  const path = join(await temporaryDirectory(), 'store.backup');

  const backup = run('src/cli/main.ts', ['backup', path], { DATABASE_URL: source.url, CERTKEEP_KEK: kek });
  const made = await measured(backup);
  expect(made.code, backup.output()).toBe(0);
  const restore = run('src/cli/main.ts', ['restore', path], { DATABASE_URL: target.url, CERTKEEP_KEK: kek });
  const taken = await measured(restore);
  expect(taken.code, restore.output()).toBe(0);

  const [before, after] = [await digestOf(source), await digestOf(target)];
  expect(after).toEqual(before);
  expect(Object.entries(after).filter(([, digest]) => digest.startsWith('0 '))).toEqual(NEVER_FILLED);
  const opened = await openedKeysOf(source, kek);
  expect(opened.keys).toBe(PAIRS_MADE);
  expect(await openedKeysOf(target, kek)).toEqual(opened);
  const rows = Object.values(after).reduce((sum, digest) => sum + Number(digest.split(' ')[0]), 0);
  const figures = ({ seconds, peakMb }: Measured) => `${seconds.toFixed(1)} s, peak RSS ${Math.round(peakMb)} MB`;
  process.stdout.write(
    `${PAIRS_MADE} pairs, ${rows} rows, ${(await stat(path)).size} bytes: backup ${figures(made)}; restore ${figures(taken)}\n`,
  );

  const server = await startServer({ kek, bootstrapToken: token }, target);
  const view = await server.request('GET', `${PAIRS}${pk}/view_private_key/`);
  expect(await view.json()).toEqual({ data: PAIR.privateKey.trim() });
  await server.close();
  const findings: unknown[] = [];
  await (await commandOn(target, kek)).audit.verify([], (finding) => findings.push(finding));
  expect(findings).toEqual([]);
}, 180_000);

const NEVER_FILLED = [['event_batch_drops', '0 ']];
