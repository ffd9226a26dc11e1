import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { SealBroken } from '../../src/sealing/index.ts';
import { type RewrapOptions, rewrapAll } from '../../src/sealing/rewrapping.ts';

const TARGET = randomUUID();

/** A store of so many secrets of which none opens. */
function brokenStore(count: number) {
  const secrets = Array.from({ length: count }, (_, index) => ({
    rowId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    purpose: 'private_key' as const,
    revision: 1,
  }));
  const named: string[] = [];
  // Two passes more than one would take.
  let behind = 2;
  const options = {
    keks: { list: async () => [{ id: TARGET, state: 'sealing' }], serversBehind: async () => behind-- },
    wraps: {
      countUnder: async () => count,
      missing: async () => [],
      under: async (_: string, after: { rowId: string } | undefined, limit: number) =>
        secrets.filter(({ rowId }) => after === undefined || rowId > after.rowId).slice(0, limit),
    },
    ring: {
      rewrap(identity: ConstructorParameters<typeof SealBroken>[0]) {
        throw new SealBroken(identity);
      },
    },
    watcher: { onProgress() {}, onFailure: (error: Error) => named.push(error.message) },
  } as unknown as RewrapOptions;
  return { options, named };
}

it('names each secret that does not open once, and ends', async () => {
  const { options, named } = brokenStore(450);
  expect(await rewrapAll(TARGET, options)).toEqual({ rewrapped: 0, failed: 450 });
  expect(new Set(named).size).toBe(450);
  expect(named).toHaveLength(450);
});

it('ends where a thousand secrets do not open, instead of naming every secret of the store', async () => {
  const { options, named } = brokenStore(5000);
  await expect(rewrapAll(TARGET, options)).rejects.toMatchObject({ code: 'TOO_MANY_FAILURES' });
  expect(named).toHaveLength(1001);
});
