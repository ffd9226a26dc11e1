import type { Contestant } from '../compare.ts';
import { quantile } from '../statistics.ts';

/** So long one contestant's turn takes, of the processor: short, so that what slows the machine for a while slows all of them. */
const MICROSECONDS = 20_000;
/** The first turn, which `compare` doesn't count, is longer: JavaScript has to be compiled. */
const WARM_UP_MICROSECONDS = 400_000;

/**
 * A contestant that does one thing over and over. Its throughput is of a second of the processor's time, all threads together: what else
 * runs on the machine doesn't count. The percentiles are of single calls, by the clock.
 */
export function burst(name: string, act: () => unknown): Contestant {
  let enough = WARM_UP_MICROSECONDS;
  return {
    name,
    async run() {
      const times: number[] = [];
      const begin = process.cpuUsage();
      let used = 0;
      while (used < enough) {
        const start = performance.now();
        const result = act();
        // A turn of the event loop for each call would be most of what is measured.
        if (result instanceof Promise) await result;
        times.push(performance.now() - start);
        const { user, system } = process.cpuUsage(begin);
        used = user + system;
      }
      enough = MICROSECONDS;
      return {
        throughput: (times.length / used) * 1e6,
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
      };
    },
  };
}
