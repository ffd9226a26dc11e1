import type { Difference } from './differences/compare.ts';
import type { Family } from './mutations/mutations.ts';
import type { Case } from './run.ts';

/** How many of one kind, and how many of them were taken. */
export interface Share {
  accepted: number;
  total: number;
}

/** A class of differing verdicts, with the first case of it. */
export interface DifferenceClass {
  readonly target: string;
  readonly difference: Difference;
  readonly first: Case;
  count: number;
}

/** Counts verdicts. */
export class Tally {
  readonly total: Share = { accepted: 0, total: 0 };
  readonly byTarget = new Map<string, Share>();
  readonly byFamily = new Map<Family, Share>();
  readonly byMutation = new Map<string, Share>();
  readonly refusals = new Map<string, number>();
  readonly differences = new Map<string, DifferenceClass>();
  /** By target, side and cause: how many verdicts differ. */
  readonly causes = new Map<string, number>();

  /** @param code of our error, or null where the input was taken */
  add(input: Case, code: string | null, difference: Difference | null): void {
    const shares = [
      this.total,
      entry(this.byTarget, input.target, newShare),
      entry(this.byFamily, input.family, newShare),
      entry(this.byMutation, `${input.family}: ${input.mutation}`, newShare),
    ];
    for (const share of shares) {
      share.total++;
      if (code === null) share.accepted++;
    }
    if (code !== null) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    if (difference !== null) this.#addDifference(input, difference);
  }

  /** What no rule accounts for. */
  get unexplained(): DifferenceClass[] {
    return [...this.differences.values()].filter(({ difference }) => difference.rule === null);
  }

  #addDifference(input: Case, difference: Difference): void {
    const cause = causeKey(input.target, difference);
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
    // One class for each rule; each cause is one of its own where there is none.
    const key = [input.target, difference.side, difference.rule ?? difference.cause].join('\n');
    entry(this.differences, key, () => ({ target: input.target, difference, first: input, count: 0 })).count++;
  }
}

/** Under what `causes` counts a difference. */
export function causeKey(target: string, { side, cause }: Pick<Difference, 'side' | 'cause'>): string {
  return [target, side, cause].join('\n');
}

const newShare = (): Share => ({ accepted: 0, total: 0 });

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
