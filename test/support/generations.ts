import { parseExposition } from './exposition.ts';
import type { RunningProcess } from './process.ts';
import { until } from './until.ts';

/** Waits until a server that was run with `CERTKEEP_METRICS_PORT: '0'` generates a key, and until so many wait for their turn behind it. */
export async function untilGenerating(server: RunningProcess, waiting: number): Promise<void> {
  const at = /"url":"(http:[^"]+)","msg":"metrics are answered"/.exec(server.output())?.[1];
  if (at === undefined) {
    throw new Error(`the server tells of no metrics:\n${server.output()}`);
  }
  await until(async () => {
    const shown = parseExposition(await (await fetch(`${at}/metrics`)).text());
    const [runs, waits] = ['running', 'waiting'].map((what) => shown.value(`certkeep_key_generations_${what}`));
    return runs === 1 && waits === waiting;
  });
}
