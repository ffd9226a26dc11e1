import type { Load } from './load/load.ts';
import { median } from './statistics.ts';

export interface Contestant {
  readonly name: string;
  run(): Promise<Load>;
}

/** Medians over the rounds. */
export interface Compared extends Load {
  readonly name: string;
  /** Of the first contestant's throughput: the median of the rounds' ratios, since what slows a round slows both. */
  readonly ratio: number;
  /** Each round's; they tell how far the machine can be believed. */
  readonly ratios: readonly number[];
}

/**
 * Runs the contestants in turn, so many rounds, and compares them with the first. The round before is for warming up; every other round
 * goes backwards, so that nobody always comes after the same one.
 *
 * @throws {Error} where a contestant fails
 */
export async function compare(contestants: readonly Contestant[], rounds: number): Promise<Compared[]> {
  const loads = new Map<Contestant, Load[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const load = await contestant.run();
      if (round > 0) {
        loads.get(contestant)?.push(load);
      }
    }
  }
  const [first = []] = loads.values();
  return [...loads].map(([{ name }, own]) => {
    const ratios = own.map(({ throughput }, round) => throughput / (first[round]?.throughput ?? Number.NaN));
    return {
      name,
      throughput: median(own.map(({ throughput }) => throughput)),
      p50: median(own.map(({ p50 }) => p50)),
      p99: median(own.map(({ p99 }) => p99)),
      ratio: median(ratios),
      ratios,
    };
  });
}
