/** What a pair holds, byte for byte; `key` is empty where it has none. */
export interface Content {
  readonly certificate: string;
  readonly key: string;
}

/** `generated`: the server chose the bytes and nobody has read them yet. */
export type State = Content | 'absent' | 'generated';

/** What a client knows of the pair of one name. */
export interface Entry {
  readonly name: string;
  pk: string | undefined;
  /** What it may be by now: one state where the last write was acknowledged, two where its answer never came or was no promise. */
  possible: readonly State[];
}

export interface Ledger {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Notes that a write is about to be sent. */
  begin(name: string, next: State): Write;
}

/** A write whose outcome is not known until it is acknowledged. */
export interface Write {
  readonly entry: Entry;
  /** The server has promised it: from now on nothing else may be there. */
  acknowledge(): void;
}

/** A client's own book of what it sent and what it was promised, against which a store is held after a fault. */
export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  return {
    entries,
    begin(name, next) {
      const entry = entries.get(name) ?? { name, pk: undefined, possible: ['absent'] };
      entries.set(name, entry);
      entry.possible = [...entry.possible, next];
      return {
        entry,
        acknowledge() {
          entry.possible = [next];
        },
      };
    },
  };
}

/** The bytes that a pair is known to hold; undefined where it is not there, or its last write was not acknowledged. */
export function knownContent({ possible: [state, ...others] }: Entry): Content | undefined {
  return typeof state === 'object' && others.length === 0 ? state : undefined;
}
