import type { Case } from './run.ts';

/** How long one call took. */
export interface Timing {
  readonly name: string;
  readonly input: Case;
  readonly milliseconds: number;
}

/** No call may take longer. */
export const MOST_MILLISECONDS = 50;
const AGAIN = 3;
const KEPT = 5;

/** Keeps the longest calls. */
export class Slowest {
  #timings: Timing[] = [];

  /** The longest first. */
  get timings(): readonly Timing[] {
    return this.#timings;
  }

  /**
   * What `act` returns. If it is among the longest it is done three times more, by the processor's clock, and the least counts: the
   * machine may be busy with something else, and the collector comes when it likes.
   */
  watch<T>(name: string, input: Case, act: () => T): T {
    const start = performance.now();
    const result = act();
    const first = performance.now() - start;
    if (this.#timings.length < KEPT || first > this.#least) {
      const again = Array.from({ length: AGAIN }, () => time(act));
      this.#keep({ name, input, milliseconds: Math.min(first, ...again) });
    }
    return result;
  }

  get #least(): number {
    return this.#timings.at(-1)?.milliseconds ?? 0;
  }

  #keep(timing: Timing): void {
    this.#timings = [...this.#timings, timing].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, KEPT);
  }
}

function time(act: () => unknown): number {
  const begin = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}
