import { setTimeout } from 'node:timers/promises';

/**
 * Waits for a condition. A machine that stands still for seconds breaks no promise: what counts is when a look began, and one that began
 * after the time is always taken.
 *
 * @param timeoutMs what is promised, or no more than a bound: then within the time of a test, whose end would not tell what it waited for
 * @throws {Error} where a look finds it false that began after the time
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 50_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let looked = performance.now(); !(await condition()); looked = performance.now()) {
    if (looked > end) {
      throw new Error(`not true within ${timeoutMs} ms: ${condition}`);
    }
    await setTimeout(20);
  }
}
