import { setTimeout } from 'node:timers/promises';

/**
 * Waits for a condition.
 *
 * @throws where it does not come true in time
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`not true within ${timeoutMs} ms: ${condition}`);
    }
    await setTimeout(20);
  }
}
