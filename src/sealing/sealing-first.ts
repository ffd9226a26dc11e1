import { opensCanary } from './envelope.ts';
import type { KekRow } from './kek-repository.ts';

/**
 * The given key-encryption keys with the one that seals in front: every server has that one, in whichever order it was given them.
 *
 * @param rows the store's KEKs
 * @param keks 32 bytes each
 */
export function sealingFirst(
  rows: readonly KekRow[],
  keks: readonly [Uint8Array, ...Uint8Array[]],
): readonly [Uint8Array, ...Uint8Array[]] {
  const row = rows.find(({ state }) => state === 'sealing');
  const first = keks.find((kek) => row !== undefined && opensCanary(kek, row.id, row.canary)) ?? keks[0];
  return [first, ...keks.filter((kek) => kek !== first)];
}
