import { randomUUID } from 'node:crypto';
import {
  openSecret,
  opensCanary,
  rewrapSecret,
  type SealedIdentity,
  type SealedRecord,
  sealCanary,
  sealSecret,
  type Wrap,
} from './envelope.ts';
import { KekMismatch, KekRetired, KekUnknown } from './errors.ts';
import type { Instance, KekRepository, KekRow } from './kek-repository.ts';

/** Decision 5: nothing that another process can change is believed for longer. */
const BELIEVED_MS = 5000;

/** A sealed record together with the KEK that its data key is wrapped with. */
export interface SealedUnderKek extends SealedRecord {
  readonly kekId: string;
}

/** The key-encryption keys that this process holds, and the one that seals. The keys themselves never leave it. */
export interface KeyRing {
  /**
   * Stores what is sealed on the way. Which KEK seals was learned at most five seconds ago; where that one was retired all the same, the
   * write is done once more with the one that seals now.
   *
   * @param write seals, and stores
   */
  whileSealing<T>(write: () => Promise<T>): Promise<T>;
  /**
   * Belongs inside {@link KeyRing.whileSealing}.
   *
   * @throws {KekUnknown} where this ring lacks the KEK that seals
   */
  seal(identity: SealedIdentity, secret: string): SealedUnderKek;
  /**
   * @throws {KekUnknown} where the record is under a KEK that is not in this ring
   * @throws {SealBroken} where the record is not the one that was sealed as `identity`
   */
  open(identity: SealedIdentity, record: SealedUnderKek): string;
  /**
   * The wrap of a record under another KEK; what it holds must open.
   *
   * @throws as {@link KeyRing.open}
   */
  rewrap(identity: SealedIdentity, record: SealedUnderKek, kekId: string): Wrap;
  /** Whether a KEK is in this ring. */
  holds(kekId: string): boolean;
  /** Whether a key that this process was given opens the canary of the KEK that seals now. */
  opensCanary(): Promise<boolean>;
  /** Learns anew which KEK seals. */
  refresh(): Promise<void>;
  /** Tells the others which KEKs this process holds, and which it seals with. */
  announce(instance: Instance): Promise<void>;
}

type Keks = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Matches the given key-encryption keys to the store's, by the canary that each alone opens. Those that the store does not know it
 * learns, as openable; the very first one, as the one that seals.
 *
 * @param keks 32 bytes each, the one to begin an empty store with first
 * @param instance announces itself as the holder of these: a server, and no command
 * @throws {KekMismatch} where the store knows a KEK that seals or sealed, not retired, that none of the given opens; then nothing is changed
 */
export async function openKeyRing(repository: KekRepository, keks: Keks, instance?: Instance): Promise<KeyRing> {
  const rows = await repository.list();
  if (rows.length === 0) {
    const id = randomUUID();
    await repository.addFirst({ id, canary: sealCanary(keks[0], id) });
  }
  requireAll(rows, keks);
  if (keks.some((kek) => !isKnown(kek, rows))) {
    await repository.register((known) => {
      requireAll(known, keks);
      return keks.filter((kek) => !isKnown(kek, known)).map(newRow);
    });
  }
  const ring = await ringOf(repository, keks);
  if (instance !== undefined) {
    await ring.announce(instance);
    await requireAllStill(repository, keks, instance);
  }
  return ring;
}

function newRow(kek: Uint8Array) {
  const id = randomUUID();
  return { id, canary: sealCanary(kek, id) };
}

const isKnown = (kek: Uint8Array, rows: readonly KekRow[]) =>
  rows.some(({ id, canary }) => opensCanary(kek, id, canary));

const holderOf = ({ id, canary }: KekRow, keks: readonly Uint8Array[]) =>
  keks.find((kek) => opensCanary(kek, id, canary));

/** One that never sealed has wrapped nothing, and no rotation takes it while a server lacks it. */
const mayWrap = ({ state, superseded }: KekRow) => state === 'sealing' || (state === 'openable' && superseded);

/**
 * The id of a KEK that a store can't do without, and that is none of these.
 *
 * @param rows the store's KEKs
 * @param keks 32 bytes each
 */
export function missingKek(rows: readonly KekRow[], keks: readonly Uint8Array[]): string | undefined {
  return rows.find((row) => mayWrap(row) && holderOf(row, keks) === undefined)?.id;
}

function requireAll(rows: readonly KekRow[], keks: Keks): void {
  const missing = missingKek(rows, keks);
  if (missing !== undefined) {
    throw new KekMismatch(missing);
  }
}

/** Whoever switched before we announced ourselves did not count us. */
async function requireAllStill(repository: KekRepository, keks: Keks, instance: Instance): Promise<void> {
  try {
    requireAll(await repository.list(), keks);
  } catch (error) {
    await repository.withdraw(instance).catch(() => {});
    throw error;
  }
}

async function ringOf(repository: KekRepository, keks: Keks): Promise<KeyRing> {
  const held = new Map<string, Uint8Array>();
  let sealingId = '';
  let learnedAt = Number.NEGATIVE_INFINITY;
  let learning: Promise<void> | undefined;

  async function learn(): Promise<void> {
    const asked = performance.now();
    const rows = await repository.list();
    const sealing = rows.find(({ state }) => state === 'sealing');
    if (sealing === undefined) {
      throw new Error('no KEK of this store is in the state "sealing"');
    }
    for (const row of rows.filter(({ id }) => !held.has(id))) {
      const kek = holderOf(row, keks);
      if (kek !== undefined) {
        held.set(row.id, kek);
      }
    }
    sealingId = sealing.id;
    learnedAt = asked;
  }

  /** One at a time, so that no older answer comes after a newer one. */
  function refresh(): Promise<void> {
    learning ??= learn().finally(() => {
      learning = undefined;
    });
    return learning;
  }

  function kekOf(id: string, identity: SealedIdentity): Uint8Array {
    const kek = held.get(id);
    if (kek === undefined) {
      throw new KekUnknown(id, identity);
    }
    return kek;
  }

  await refresh();
  return {
    holds: (kekId) => held.has(kekId),
    refresh,
    async opensCanary() {
      const sealing = (await repository.list()).find(({ state }) => state === 'sealing');
      return sealing !== undefined && holderOf(sealing, keks) !== undefined;
    },
    async whileSealing(write) {
      if (performance.now() - learnedAt > BELIEVED_MS) {
        await refresh();
      }
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof KekRetired)) {
          throw error;
        }
        // One that is under way may have asked before the KEK was retired.
        await learning;
        await refresh();
        return await write();
      }
    },
    seal: (identity, secret) => ({ kekId: sealingId, ...sealSecret(kekOf(sealingId, identity), identity, secret) }),
    open: (identity, record) => openSecret(kekOf(record.kekId, identity), identity, record),
    rewrap: (identity, record, kekId) =>
      rewrapSecret(kekOf(record.kekId, identity), kekOf(kekId, identity), identity, record),
    announce: (instance) => repository.announce(instance, [...held.keys()], sealingId),
  };
}
