import type { Load } from './load/load.ts';

export interface Contestant {
  readonly name: string;
  run(): Promise<Load>;
}

export interface Compared {
  readonly name: string;
  /** Medians over the rounds. */
  readonly throughput: number;
  readonly p99: number;
  /** Of the first contestant's throughput: the median of the rounds' ratios, since what slows a round slows both. */
  readonly ratio: number;
}

/** Runs the contestants in turn, so many rounds, and compares them with the first. The round before is for warming up. */
export async function compare(contestants: readonly Contestant[], rounds: number): Promise<Compared[]> {
  const results: Load[][] = [];
  for (let round = -1; round < rounds; round++) {
    const result: Load[] = [];
    for (const contestant of contestants) {
      result.push(await contestant.run());
    }
    if (round >= 0) {
      results.push(result);
    }
  }
  return contestants.map(({ name }, index) => ({
    name,
    throughput: median(results.map((result) => result[index]?.throughput ?? Number.NaN)),
    p99: median(results.map((result) => result[index]?.p99 ?? Number.NaN)),
    ratio: median(
      results.map((result) => (result[index]?.throughput ?? Number.NaN) / (result[0]?.throughput ?? Number.NaN)),
    ),
  }));
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}
