import type { Bench } from '../bench.ts';
import { PAIRS } from '../client.ts';
import { compare } from '../compare.ts';
import { load, type Target } from '../load/load.ts';

/** A number of requests and not a time: none may be on its way still while the other one is measured, and both fill the table alike. */
const EXTENT = { amount: 2000 };

/** Pairs with keys, beside an insert of rows that were made before. */
export async function create({ rounds, report, server, baseline, pair, hold }: Bench): Promise<void> {
  await hold(10_000);
  const post = (target: Target, path: string, body: (name: string) => object) => () =>
    load(target, { method: 'POST', path, body: (n) => JSON.stringify(body(`created ${n}`)) }, { extent: EXTENT });
  const compared = await compare(
    [
      { name: 'raw insert', run: post(baseline, '/pairs', (name) => ({ name })) },
      { name: 'Certkeep', run: post(server, PAIRS, (name) => ({ ...pair, name })) },
    ],
    rounds,
  );
  report.compared('create with a key, beside 10,000 pairs and more', compared);
  report.goal('create with a key, of a raw insert', compared[1]?.ratio ?? Number.NaN, '', { atLeast: 0.5 });
}
