import type { Corpus } from '../corpus/corpus.ts';
import type { Seed } from '../corpus/seed.ts';
import type { Random } from '../random.ts';
import type { Mutation } from './mutation.ts';
import { OCTET_MUTATIONS } from './octets.ts';
import { TEXT_MUTATIONS } from './pem-text.ts';
import { STRUCTURE_MUTATIONS } from './structure.ts';

export type Family = 'octets' | 'text' | 'structure';

/** Half of all know the structure of DER, half are blind. */
const FAMILIES: readonly { family: Family; weight: number; mutations: readonly Mutation[] }[] = [
  { family: 'structure', weight: 2, mutations: STRUCTURE_MUTATIONS },
  { family: 'octets', weight: 1, mutations: OCTET_MUTATIONS },
  { family: 'text', weight: 1, mutations: TEXT_MUTATIONS },
];

export interface Input {
  readonly text: string;
  readonly family: Family;
  readonly mutation: string;
  /** The name of the seed it was made of. */
  readonly seed: string;
}

/** One input of any family, made of one of the seeds. */
export function mutateAny(seeds: readonly Seed[], random: Random, corpus: Corpus): Input {
  const seed = random.pick(seeds);
  const { family, mutations } = random.pickWeighted(FAMILIES);
  const mutation = random.pickWeighted(mutations);
  return { text: mutation.apply(seed, random, corpus), family, mutation: mutation.name, seed: seed.name };
}
