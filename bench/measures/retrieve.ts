import { deepStrictEqual } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import { getJson, PAIRS, type Page } from '../client.ts';
import { compare } from '../compare.ts';
import { load, type Target } from '../load/load.ts';

/** One pair of 10,000, beside the same statement in a bare route. */
export async function retrieve({ rounds, report, server, baseline, hold }: Bench): Promise<void> {
  await hold(10_000);
  const { results } = await getJson<Page>(server, PAIRS);
  const id = results[0]?.pk;
  deepStrictEqual(
    await getJson(server, `${PAIRS}${id}/`),
    await getJson(baseline, `/pairs/${id}`),
    'both give the same answer',
  );
  const get = (target: Target, path: string) => () => load(target, { method: 'GET', path });
  const compared = await compare(
    [
      { name: 'raw pg', run: get(baseline, `/pairs/${id}`) },
      { name: 'Certkeep', run: get(server, `${PAIRS}${id}/`) },
      { name: 'a bare route', run: get(baseline, '/bare') },
    ],
    rounds,
  );
  report.compared('retrieve, of exactly 10,000 pairs', compared);
  report.goal('retrieve, of the raw route', compared[1]?.ratio ?? Number.NaN, '', { atLeast: 0.7 });
}
