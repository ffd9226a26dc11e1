import { deepStrictEqual } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import { getJson, PAIRS } from '../client.ts';
import { compare } from '../compare.ts';
import { load, type Target } from '../load/load.ts';

/** The first page of 10,000 pairs, beside the same statements in a bare route. */
export async function list({ rounds, report, server, baseline, hold }: Bench): Promise<void> {
  await hold(10_000);
  deepStrictEqual(await getJson(server, PAIRS), await getJson(baseline, '/list'), 'both give the same answer');
  const get = (target: Target, path: string) => () => load(target, { method: 'GET', path });
  const compared = await compare(
    [
      { name: 'raw pg, with count(*)', run: get(baseline, '/list') },
      { name: 'raw pg, without count', run: get(baseline, '/list-without-count') },
      { name: 'Certkeep', run: get(server, PAIRS) },
      { name: 'a bare route', run: get(baseline, '/bare') },
    ],
    rounds,
  );
  report.compared('list, 20 of exactly 10,000 pairs', compared);
  const ours = compared[2]?.ratio ?? Number.NaN;
  report.goal('list, of the raw route with count(*)', ours, '', { atLeast: 0.9 });
}
