import { randomUUID } from 'node:crypto';
import { openSecret, opensCanary, type SealedIdentity, type SealedRecord, sealCanary, sealSecret } from './envelope.ts';
import { KekMismatch, KekUnknown } from './errors.ts';
import type { KekRepository, KekRow } from './kek-repository.ts';

/** A sealed record together with the KEK that its data key is wrapped with. */
export interface SealedUnderKek extends SealedRecord {
  readonly kekId: string;
}

/** The key-encryption keys that this process holds, and the one that seals. The keys themselves never leave it. */
export interface KeyRing {
  seal(identity: SealedIdentity, secret: string): SealedUnderKek;
  /**
   * @throws {KekUnknown} where the record is under a KEK that is not in this ring
   * @throws {SealBroken} where the record is not the one that was sealed as `identity`
   */
  open(identity: SealedIdentity, record: SealedUnderKek): string;
}

/**
 * Matches the given key-encryption keys to the store's, by the canary that each alone opens. The first start of a store writes it.
 *
 * @param keks 32 bytes each, the one to begin an empty store with first
 * @throws {KekMismatch} where the store knows a KEK, not retired, that none of the given opens
 */
export async function openKeyRing(
  repository: KekRepository,
  keks: readonly [Uint8Array, ...Uint8Array[]],
): Promise<KeyRing> {
  let rows = await repository.list();
  if (rows.length === 0) {
    const id = randomUUID();
    await repository.addFirst({ id, state: 'sealing', canary: sealCanary(keks[0], id) });
    rows = await repository.list();
  }

  const held = new Map<string, Uint8Array>();
  for (const row of rows) {
    const kek = keks.find((candidate) => opensCanary(candidate, row.id, row.canary));
    if (kek !== undefined) {
      held.set(row.id, kek);
    } else if (row.state !== 'retired') {
      throw new KekMismatch(row.id);
    }
  }
  return ringOf(held, sealingKek(rows));
}

function sealingKek(rows: readonly KekRow[]): string {
  const row = rows.find(({ state }) => state === 'sealing');
  if (row === undefined) {
    throw new Error('no KEK of this store is in the state "sealing"');
  }
  return row.id;
}

function ringOf(held: ReadonlyMap<string, Uint8Array>, sealingId: string): KeyRing {
  function kekOf(id: string, identity: SealedIdentity): Uint8Array {
    const kek = held.get(id);
    if (kek === undefined) {
      throw new KekUnknown(id, identity);
    }
    return kek;
  }

  return {
    seal: (identity, secret) => ({ kekId: sealingId, ...sealSecret(kekOf(sealingId, identity), identity, secret) }),
    open: (identity, record) => openSecret(kekOf(record.kekId, identity), identity, record),
  };
}
