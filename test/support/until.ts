import { setTimeout } from 'node:timers/promises';

/**
 * Waits for a condition.
 *
 * @param timeoutMs short of a test's own bound, which could not say what was waited for
 * @throws where it does not come true in time
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 50_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    // Before the look: one that a busy machine held up for long, or that came late, has seen nothing of the end.
    const isLast = performance.now() > end;
    if (await condition()) {
      return;
    }
    if (isLast) {
      throw new Error(`not true within ${timeoutMs} ms: ${condition}`);
    }
    await setTimeout(20);
  }
}
