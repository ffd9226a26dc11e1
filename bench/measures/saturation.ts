import { setTimeout } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { until } from '../../test/support/until.ts';
import type { Bench } from '../bench.ts';
import { keepGenerating } from '../keep-generating.ts';
import { startProbedServer, THREADS, type Waits } from '../servers.ts';
import { quantile } from '../statistics.ts';

/** How long each round's window is. */
const WINDOW_MS = 2000;

/**
 * How long the file system and the resolver, which share libuv's threads with key generation, take to answer inside the server's process
 * while its queue of RSA-4096 generations is full. On a server of its own, so that the probe is in no other measure.
 */
export async function saturation({ rounds, report, environment, token }: Bench): Promise<void> {
  const { keyGenerationSlots: slots, keyGenerationQueueLength: places } = readConfig({ UV_THREADPOOL_SIZE: THREADS });
  const server = await startProbedServer(environment, token);
  try {
    const window = async () => {
      await server.waits();
      await setTimeout(WINDOW_MS * rounds);
      return server.waits();
    };
    const idle = await window();
    // More than fit, so that a place is taken again as soon as it is free.
    const generating = keepGenerating(server, slots + places + 4);
    await until(() => generating.refused > 0);
    const saturated = await window();
    report.figures('at saturation, in the server’s process', [
      { name: 'RSA-4096 generations at once, on threads', value: slots, unit: '' },
      { name: 'generations waiting: the queue is full', value: places, unit: '' },
      { name: 'generations made', value: generating.made, unit: '' },
      { name: 'generations sent away with 503', value: generating.refused, unit: '' },
      ...figuresOf('idle', idle),
      ...figuresOf('saturated', saturated),
    ]);
    report.goal('fs.stat at saturation, longest', Math.max(...saturated.stat), 'ms', { atMost: 50 });
    report.goal('dns.lookup at saturation, longest', Math.max(...saturated.lookup), 'ms', { atMost: 50 });
    // The server sends away what waits when it ends: nobody waits for all those keys.
    const generatingEnds = generating.stop();
    await server.stop();
    await generatingEnds;
  } finally {
    await server.stop();
  }
}

function figuresOf(state: string, { stat, lookup }: Waits) {
  const figures = (what: string, waits: readonly number[]) => [
    { name: `${state}: ${what}, p99 of ${waits.length}`, value: quantile(waits, 0.99), unit: 'ms' },
    { name: `${state}: ${what}, longest`, value: Math.max(...waits), unit: 'ms' },
  ];
  return [...figures('fs.stat', stat), ...figures('dns.lookup', lookup)];
}
