/** What came of the requests of a run. */
export interface Tally {
  /** @param kind of the request, such as `authentik create` */
  answered(kind: string, milliseconds: number): void;
  /** A refusal that asks to come again: 503 with Retry-After. */
  declined(kind: string): void;
  /** What should not have happened. */
  failed(kind: string, problem: string): void;
  /** Of what a run did beside its requests. */
  counted(what: string): void;
  readonly durations: ReadonlyMap<string, readonly number[]>;
  readonly declines: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
}

export function openTally(): Tally {
  const durations = new Map<string, number[]>();
  const declines = new Map<string, number>();
  const errors = new Map<string, number>();
  const counts = new Map<string, number>();
  const add = (to: Map<string, number>, key: string) => to.set(key, (to.get(key) ?? 0) + 1);
  return {
    answered(kind, milliseconds) {
      const known = durations.get(kind);
      if (known === undefined) {
        durations.set(kind, [milliseconds]);
      } else {
        known.push(milliseconds);
      }
    },
    declined: (kind) => void add(declines, kind),
    failed: (kind, problem) => void add(errors, `${kind}: ${problem}`),
    counted: (what) => void add(counts, what),
    durations,
    declines,
    errors,
    counts,
  };
}
