import type { Bench } from '../bench.ts';
import { getJson, PAIRS, type Page } from '../client.ts';
import { compare } from '../compare.ts';
import { load } from '../load/load.ts';

const SIZES = [1000, 10_000, 100_000];
const SEARCH = '?search=seeded+00001';
/** So many match at each size: the whole table is searched, and what grows is the table alone. */
const MATCHING = 111;

/** The first page, the last page and a search among more and more pairs, one request at a time: p50 is what one of them takes. */
export async function listSizes({ rounds, report, server, hold }: Bench): Promise<void> {
  const count = async (query: string) => (await getJson<Page>(server, PAIRS + query)).pagination.count;
  const page = (name: string, query: string) => ({
    name,
    run: () => load(server, { method: 'GET', path: PAIRS + query }, { connections: 1 }),
  });
  for (const size of SIZES) {
    await hold(size);
    const matching = await count(SEARCH);
    if (matching !== MATCHING) {
      throw new Error(`${MATCHING} pairs match the search, and the list says ${matching}`);
    }
    const compared = await compare(
      [page('first page', ''), page('last page', '?page=last'), page('search', SEARCH)],
      rounds,
    );
    report.compared(`list where pagination.count is ${await count('')}, and ${matching} in the search`, compared);
  }
}
