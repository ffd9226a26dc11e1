import { X509Error } from '../src/x509/index.ts';
import type { Corpus } from './corpus/corpus.ts';
import { compareVerdicts, type Difference } from './differences/compare.ts';
import { heapAfterCollection } from './heap.ts';
import { type Input, mutateAny } from './mutations/mutations.ts';
import { Random } from './random.ts';
import { Slowest } from './slowest.ts';
import { Tally } from './tally.ts';
import { SCANS, TARGETS, type Target } from './targets.ts';

/** One input, and where it came from. */
export interface Case extends Input {
  readonly run: number;
  readonly target: string;
}

/** What a run found. */
export interface Findings {
  readonly tally: Tally;
  readonly slowest: Slowest;
  /** What was thrown and is none of our errors; the run ends with it. */
  readonly foreign: { readonly input: Case; readonly error: unknown } | null;
  /** Of the heap, in bytes, between the first and the last collection. */
  readonly heapGrowth: number;
}

/** Inputs before the first collection, of those that count: compiling, and tables that are made once, are no growth. */
const WARM_UP = { share: 0.25, most: 2000 };

/**
 * Reads so many mutated inputs by each target in turn. The same seed gives the same run with the same corpus.
 *
 * @param runs how many
 */
export function fuzz(seed: number, runs: number, corpus: Corpus): Findings {
  // Of another seed: these count for nothing.
  rounds(
    new Random(~seed),
    Math.min(WARM_UP.most, Math.ceil(runs * WARM_UP.share)),
    corpus,
    new Tally(),
    new Slowest(),
  );
  const [tally, slowest] = [new Tally(), new Slowest()];
  const heapBefore = heapAfterCollection();
  const foreign = rounds(new Random(seed), runs, corpus, tally, slowest);
  return { tally, slowest, foreign, heapGrowth: heapAfterCollection() - heapBefore };
}

function rounds(random: Random, runs: number, corpus: Corpus, tally: Tally, slowest: Slowest): Findings['foreign'] {
  for (let run = 1; run <= runs; run++) {
    const target = random.pickWeighted(TARGETS);
    const input = { ...mutateAny(corpus[target.seeds], random, corpus), run, target: target.name };
    try {
      judge(target, input, tally, slowest);
    } catch (error) {
      return { input, error };
    }
  }
  return null;
}

/** @throws what is thrown and is none of our errors */
function judge(target: Target, input: Case, tally: Tally, slowest: Slowest): void {
  const read = () => refusalOf(() => target.read(input.text));
  const refusal = target.isUnhurried ? read() : slowest.watch(target.name, input, read);
  const difference = differenceOf(target, input.text, refusal);
  tally.add(input, refusal?.code ?? null, difference);
  for (const { name, ask } of SCANS) {
    slowest.watch(name, input, () => refusalOf(() => ask(input.text)));
  }
}

function differenceOf({ reference }: Target, text: string, refusal: X509Error | null): Difference | null {
  return reference === undefined ? null : compareVerdicts(reference, text, refusal);
}

function refusalOf(act: () => unknown): X509Error | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof X509Error) return error;
    throw error;
  }
}
