import type { Bench } from '../bench.ts';
import { getJson, PAIRS, type Page, postJson } from '../client.ts';
import type { Target } from '../load/load.ts';

const INSERTS = 100;

/**
 * Inserts, and whether the very next list counts one more and shows the pair: of inserts by the server itself, and of those by another
 * process, which a count that is remembered would not know of.
 */
export async function exactLists(bench: Bench): Promise<void> {
  const { report, server, baseline, pair, hold } = bench;
  await hold(10_000);
  const own = await exactAfter(server, 0, (name) => postJson(server, PAIRS, { ...pair, name }));
  const others = await exactAfter(server, INSERTS, (name) => postJson(baseline, '/pairs', { name }));
  report.figures('lists that were exact right after an insert', [
    { name: 'by the server', value: own, unit: `of ${INSERTS}` },
    { name: 'by another process', value: others, unit: `of ${INSERTS}` },
  ]);
  report.goal('lists exact right after an insert', ((own + others) / INSERTS / 2) * 100, '%', { atLeast: 100 });
}

/** @param inserted how many were inserted before */
async function exactAfter(server: Target, inserted: number, insert: (name: string) => Promise<unknown>) {
  const firstPage = () => getJson<Page>(server, PAIRS);
  let { count } = (await firstPage()).pagination;
  let exact = 0;
  for (let n = inserted; n < inserted + INSERTS; n++) {
    // Each sorts before all others, so that it belongs on the first page.
    const name = `! ${String(2 * INSERTS - n).padStart(4, '0')}`;
    await insert(name);
    const { pagination, results } = await firstPage();
    exact += pagination.count === count + 1 && results[0]?.name === name ? 1 : 0;
    count++;
  }
  return exact;
}
