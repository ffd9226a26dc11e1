import type { Bench } from '../bench.ts';
import { getJson, PAIRS, type Page } from '../client.ts';
import { keepGenerating } from '../keep-generating.ts';
import { load } from '../load/load.ts';
import { median } from '../statistics.ts';

const CLIENTS = 4;

/** How long reads take while four clients have RSA-4096 keys made, and while nobody does, in turn. */
export async function readsBesideGeneration({ rounds, report, server, hold }: Bench): Promise<void> {
  await hold(10_000);
  const { results } = await getJson<Page>(server, PAIRS);
  const path = `${PAIRS}${results[0]?.pk}/`;
  // Two connections: a server that is busy with reads alone would show its queue, and not what a generation adds.
  const p99 = async () => (await load(server, { method: 'GET', path }, { connections: 2, extent: { seconds: 3 } })).p99;
  await p99();
  const [idle, busy]: [number[], number[]] = [[], []];
  let made = 0;
  for (let round = 0; round < rounds; round++) {
    idle.push(await p99());
    const generating = keepGenerating(server, CLIENTS);
    busy.push(await p99());
    await generating.stop();
    made += generating.made;
  }
  const ratio = median(busy.map((wait, round) => wait / (idle[round] ?? Number.NaN)));
  report.figures('p99 of reads', [
    { name: 'idle', value: median(idle), unit: 'ms' },
    { name: `with ${CLIENTS} RSA-4096 requests in flight`, value: median(busy), unit: 'ms' },
    { name: 'ratio', value: ratio, unit: '' },
    { name: 'keys made', value: made, unit: '' },
  ]);
  report.goal('p99 of reads beside four RSA-4096 requests, of idle', ratio, '', { atMost: 3 });
}
