import { Abandoned, KeypairNotFound, SealingError } from '../../keypairs/index.ts';
import { type ImportedAs, type ImportTarget, importPair } from './import-pair.ts';
import type { PairSource, PairSources } from './pair-source.ts';
import { type RefusalCode, TransferRefused } from './refusal.ts';

/** What became of one pair, or of one file. */
export type ImportResult = {
  readonly path: string;
  /** Undefined where it was not even read. */
  readonly name?: string | undefined;
} & (
  | { readonly outcome: ImportedAs }
  | { readonly outcome: 'refused'; readonly code: RefusalCode; readonly reason: string }
);

export interface ImportRun {
  /** Aborted to end after the pair that is being stored. */
  readonly signal: AbortSignal;
  /** Told of each, in their order. */
  onResult(result: ImportResult): void;
}

/**
 * Imports pairs, one after the other; each is stored whole or not at all, and a second run goes on where one was interrupted.
 *
 * @returns whether all had their turn
 * @throws {StoreUnavailable}
 */
export async function importPairs(
  target: ImportTarget,
  { sources }: Pick<PairSources, 'sources'>,
  { signal, onResult }: ImportRun,
): Promise<boolean> {
  const names = new Map<string, string>();
  for await (const source of sources) {
    const result = signal.aborted ? undefined : await importOne(target, source, names, signal);
    if (result === undefined) {
      return false;
    }
    onResult(result);
  }
  return true;
}

/** @returns undefined where it was interrupted */
async function importOne(
  target: ImportTarget,
  source: PairSource,
  names: Map<string, string>,
  signal: AbortSignal,
): Promise<ImportResult | undefined> {
  const { path } = source;
  let name: string | undefined;
  try {
    const pair = await source.read(signal);
    name = pair.name;
    refuseRepeated(name, names);
    const outcome = await importPair(target, pair);
    names.set(name, path);
    return { path, name, outcome };
  } catch (error) {
    if (signal.aborted && error instanceof Abandoned) {
      return undefined;
    }
    const { code, message } = refusalOf(error);
    return { path, name, outcome: 'refused', code, reason: message };
  }
}

/** Otherwise each run would write both, one over the other. */
function refuseRepeated(name: string, names: ReadonlyMap<string, string>): void {
  const first = names.get(name);
  if (first !== undefined) {
    throw new TransferRefused('NAME_REPEATED', `${first} was imported under this name`);
  }
}

/** @throws whatever is not about this one pair */
function refusalOf(error: unknown): TransferRefused {
  if (error instanceof SealingError) {
    return new TransferRefused('SEAL_BROKEN', `what is stored under this name does not open: ${error.message}`, error);
  }
  if (error instanceof KeypairNotFound) {
    return new TransferRefused('NOT_FOUND', 'the pair of this name was deleted in this moment', error);
  }
  if (error instanceof TransferRefused) {
    return error;
  }
  throw error;
}
