import type { Corpus } from '../corpus/corpus.ts';
import type { Seed } from '../corpus/seed.ts';
import type { Random } from '../random.ts';

/** One way to make an input of a seed. */
export interface Mutation {
  readonly name: string;
  /** How often it is taken, compared with the others of its family. */
  readonly weight: number;
  /** @returns the text to read: PEM, or what was PEM */
  apply(seed: Seed, random: Random, corpus: Corpus): string;
}

/** How many edits one input gets: mostly one, so that much of what follows is reached. */
export function countEdits(random: Random): number {
  return random.chance(0.7) ? 1 : 2 + random.below(4);
}
