import { setTimeout as sleep } from 'node:timers/promises';
import { KekRefused, SealBroken, SealingError } from './errors.ts';
import type { KekRepository } from './kek-repository.ts';
import type { KeyRing } from './key-ring.ts';
import type { Replacement, SecretName, WrappedSecret, WrapRepository } from './wrap-repository.ts';

/** So many that can't be opened are no single rows any more: something else is wrong, and going on would only bury it. */
const MAX_FAILURES = 1000;
const BATCH = 200;
/** How often to ask whether all servers seal with the new KEK. */
const POLL_MS = 200;

export interface RewrapWatcher {
  /** After each batch. `total` is what was to be done at the beginning; what clients change meanwhile needs nothing. */
  onProgress(done: number, total: number): void;
  /** Once for each secret that is left as it is, since it does not open. */
  onFailure(error: SealingError): void;
}

export interface RewrapResult {
  readonly rewrapped: number;
  /** Secrets that do not open, and were left as they are. */
  readonly failed: number;
}

export interface RewrapOptions {
  readonly keks: KekRepository;
  readonly wraps: WrapRepository;
  readonly ring: KeyRing;
  readonly watcher: RewrapWatcher;
}

/**
 * Wraps all secrets under one KEK, in batches and beside whatever else happens to them. May be ended at any point and begun again. Ends
 * when nothing is left under another KEK and no server is left that would seal with another.
 *
 * @throws {KekRefused} SUPERSEDED where another one is made the sealing one meanwhile; TOO_MANY_FAILURES
 */
export async function rewrapAll(kekId: string, options: RewrapOptions): Promise<RewrapResult> {
  const { keks, wraps, watcher } = options;
  const total = await wraps.countUnder(kekId);
  const failures = namedOnce(watcher);
  let rewrapped = 0;
  for (;;) {
    // Asked before the pass: what was sealed before the last server learned of the new KEK, the pass meets.
    const settled = (await keks.serversBehind(kekId)) === 0;
    failures.beginPass();
    const before = rewrapped;
    let met = 0;
    for (let batch = await wraps.under(kekId, undefined, BATCH); batch.length > 0; ) {
      await requireSealing(kekId, keks);
      const replacements = batch.flatMap((secret) => replacementOf(secret, kekId, options.ring, failures.add));
      rewrapped += replacements.length === 0 ? 0 : await wraps.replace(kekId, replacements);
      met += replacements.length;
      watcher.onProgress(rewrapped, Math.max(total, rewrapped));
      batch = await wraps.under(kekId, batch.at(-1), BATCH);
    }
    if (met === 0 && settled) {
      break;
    }
    if (rewrapped === before) {
      await sleep(POLL_MS);
    }
  }
  for (const { rowId, purpose, revision } of await wraps.missing(MAX_FAILURES)) {
    failures.add({ rowId, purpose }, new SealBroken({ rowId, purpose, revision }));
  }
  return { rewrapped, failed: failures.count() };
}

async function requireSealing(kekId: string, keks: KekRepository): Promise<void> {
  const sealing = (await keks.list()).find(({ state }) => state === 'sealing');
  if (sealing?.id !== kekId) {
    throw new KekRefused('SUPERSEDED', `KEK ${sealing?.id} was made the sealing one meanwhile, and not ${kekId}`);
  }
}

type Fail = (name: SecretName, error: SealingError) => void;

function replacementOf(secret: WrappedSecret, kekId: string, ring: KeyRing, fail: Fail): Replacement[] {
  // Where the row says that there is none, it was put there behind our back: no revision has opened it.
  const identity = { rowId: secret.rowId, purpose: secret.purpose, revision: secret.revision ?? 0 };
  try {
    return [{ secret, wrap: ring.rewrap(identity, secret, kekId) }];
  } catch (error) {
    if (!(error instanceof SealingError)) {
      throw error;
    }
    fail(secret, error);
    return [];
  }
}

/** Names each failure once; those of the last pass are those that are left, for somebody may have mended a pair meanwhile. */
function namedOnce(watcher: RewrapWatcher) {
  const named = new Set<string>();
  let current = new Set<string>();
  return {
    beginPass() {
      current = new Set();
    },
    add({ rowId, purpose }: SecretName, error: SealingError) {
      const name = `${rowId} ${purpose}`;
      current.add(name);
      if (!named.has(name)) {
        named.add(name);
        watcher.onFailure(error);
      }
      if (named.size > MAX_FAILURES) {
        throw new KekRefused(
          'TOO_MANY_FAILURES',
          `more than ${MAX_FAILURES} secrets do not open: the rotation ends here`,
        );
      }
    },
    count: () => current.size,
  };
}
